//! Use of the machine's cores and memory.

use std::thread::available_parallelism;

use sysinfo::System;
use tch::Device;

/// The maximum number of threads.
pub const MAX_THREADS: u16 = 1024;

/// Most threads that [`prepare_workers`] has read pictures at the same time, so that memory stays
/// bounded.
const MAX_WORKERS: usize = 8;

/// Prepares the process for heavy computation on a device: `threads` threads for libtorch, by
/// default one for each core that this process may use, and an allocator that keeps freed memory.
///
/// With a GPU, libtorch gets one CPU thread: its remaining work is quick, and idle threads would
/// spin on cores that are needed to feed the GPU.
pub fn prepare(threads: Option<usize>, device: Device) {
    prepare_workers(Some(1), threads, device);
}

/// The same for `tasks` that do not depend on each other, if their number is known. Returns how many
/// threads of the caller's should work on them, each with its share of libtorch's threads: threads
/// that share one task wait for each other after each of its operations.
pub fn prepare_workers(tasks: Option<usize>, threads: Option<usize>, device: Device) -> usize {
    let computing = match device {
        Device::Cpu => threads.unwrap_or_else(cores),
        Device::Cuda(_) | Device::Mps | Device::Vulkan => 1,
    };
    let workers = tasks
        .unwrap_or(MAX_WORKERS)
        .min(computing)
        .clamp(1, MAX_WORKERS);
    // What a thread sets here holds for those that it starts later.
    tch::set_num_threads(i32::try_from(computing / workers).unwrap_or(i32::MAX));
    if let Some(threads) = threads {
        // The threads that decode pictures; a pool that exists already stays as it is.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let _ = pool.build_global();
    }
    keep_freed_memory();
    workers
}

/// The cores that this process may use: physical cores, since two hardware threads that multiply
/// only wait for each other, and at most a container's limit, which libtorch ignores.
fn cores() -> usize {
    let allowed = available_parallelism().map_or(1, usize::from);
    allowed.min(num_cpus::get_physical()).max(1)
}

/// Bytes of memory that are still available to this process, where the system reports it.
pub fn free_memory() -> Option<u64> {
    let mut system = System::new().ok()?;
    system.refresh_memory();
    // A container's own limit, where it is in one.
    let limit = system.cgroup_limits().map(|limits| limits.free_memory);
    let free = system.available_memory();
    Some(limit.map_or(free, |limit| free.min(limit)))
}

/// Makes the allocator keep freed blocks of any size for reuse.
///
/// Each batch allocates and frees tensors of tens of megabytes. The C library would return them to
/// the system at once and fault them in again, page by page: up to two thirds of the time of
/// inference.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn keep_freed_memory() {
    // Larger blocks are rare; the second value is the largest that older C libraries accept.
    const LARGEST: [libc::c_int; 2] = [1 << 30, 32 << 20];
    // SAFETY: these only set parameters of the allocator, which ignores invalid ones.
    unsafe {
        let _ = LARGEST
            .iter()
            .any(|&bytes| libc::mallopt(libc::M_MMAP_THRESHOLD, bytes) == 1);
        libc::mallopt(libc::M_TRIM_THRESHOLD, libc::c_int::MAX);
        // The heap grows in steps of this size, to save system calls.
        libc::mallopt(libc::M_TOP_PAD, 64 << 20);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn keep_freed_memory() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_at_least_one_core_and_no_more_than_allowed() {
        let allowed = available_parallelism().unwrap().get();
        assert!((1..=allowed).contains(&cores()));
    }
}
