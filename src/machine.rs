//! How libtorch uses the machine: cores and memory.

use std::thread::available_parallelism;

use sysinfo::System;
use tch::Device;

/// The most threads that can be asked for.
pub const MAX_THREADS: u16 = 1024;

/// Prepares the process for computing in bulk on a device: `threads` for libtorch, or else one for each
/// core that this process may use, and freed memory that stays at hand.
///
/// Beside a GPU libtorch gets one thread: what is left to it is quick, and its threads keep their cores
/// busy while they wait for the next task, which whatever feeds the GPU would miss.
pub fn prepare(threads: Option<usize>, device: Device) {
    let computing = match device {
        Device::Cpu => threads.unwrap_or_else(cores),
        Device::Cuda(_) | Device::Mps | Device::Vulkan => 1,
    };
    tch::set_num_threads(i32::try_from(computing).unwrap_or(i32::MAX));
    if let Some(threads) = threads {
        // Those that decode pictures. Where they are at work already, they stay.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let _ = pool.build_global();
    }
    keep_freed_memory();
}

/// The cores that this process may use: those of the processor, not the threads it runs on each,
/// since two that multiply only wait for one another; and no more than a container was given, which
/// libtorch does not look at.
fn cores() -> usize {
    let allowed = available_parallelism().map_or(1, usize::from);
    allowed.min(num_cpus::get_physical()).max(1)
}

/// Bytes of memory that this process may still take, where the system tells.
pub fn free_memory() -> Option<u64> {
    let mut system = System::new().ok()?;
    system.refresh_memory();
    // A container's own limit, where it is in one.
    let limit = system.cgroup_limits().map(|limits| limits.free_memory);
    let free = system.available_memory();
    Some(limit.map_or(free, |limit| free.min(limit)))
}

/// Lets freed blocks of any size wait for their next use.
///
/// Each batch makes and drops tensors of tens of megabytes. The C library would hand such back to the
/// system at once and ask for them again, page by page: up to two thirds of the time of inference.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn keep_freed_memory() {
    // Blocks beyond this are rare, and the greatest that older C libraries accept is tried after it.
    const LARGEST: [libc::c_int; 2] = [1 << 30, 32 << 20];
    // SAFETY: these only set parameters of the allocator; what it refuses stays as it was.
    unsafe {
        let _ = LARGEST
            .iter()
            .any(|&bytes| libc::mallopt(libc::M_MMAP_THRESHOLD, bytes) == 1);
        libc::mallopt(libc::M_TRIM_THRESHOLD, libc::c_int::MAX);
        // Grown in steps of this, since each step has to be asked for.
        libc::mallopt(libc::M_TOP_PAD, 64 << 20);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn keep_freed_memory() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_core_and_no_more_than_allowed() {
        let allowed = available_parallelism().unwrap().get();
        assert!((1..=allowed).contains(&cores()));
    }
}
