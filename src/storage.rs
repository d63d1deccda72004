//! Bounded reads, atomic writes and locked folders.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

/// Name prefix of the temporary folders in which files are written before they are renamed into
/// place.
const STAGING: &str = ".writing-";

/// Reads a file of at most `max` bytes. Devices and pipes, which may block or never end, are
/// refused before they are opened.
///
/// # Errors
/// When the file cannot be read, is not a regular file, or is larger. The message does not name the
/// path: callers add it with their purpose.
pub fn read_bounded(path: &Path, max: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    ensure!(fs::metadata(path)?.is_file(), "not a regular file");
    let file = File::open(path)?;
    // It may grow while it is read.
    let fits = file.metadata()?.len() <= max
        && file.take(max.saturating_add(1)).read_to_end(&mut bytes)? as u64 <= max;
    ensure!(
        fits,
        "it is larger than {max} bytes, the limit for such a file"
    );
    Ok(bytes)
}

/// Writes a file atomically: to a temporary folder beside it first, then renamed.
///
/// # Errors
/// When the folder is missing or cannot be written to; the message names `path`.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    replace_atomic(path, |staged| Ok(fs::write(staged, bytes)?))
}

/// Lets `write` create a file of the same name in a temporary folder beside `path`, then renames it
/// to `path`. If `write` fails, its output is removed, and `path` stays as it was.
///
/// # Errors
/// Those of `write`, or when the folder is missing or cannot be written to.
pub fn replace_atomic(path: &Path, write: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let replace = || {
        if path.exists() && !path.is_file() {
            ensure!(!path.is_dir(), "it is a folder: name a file in it");
            // A device or pipe must be written to, not replaced by a file.
            return write(path);
        }
        let name = path.file_name().context("it has no file name")?;
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        ensure!(folder.is_dir(), "there is no folder {}", folder.display());
        let staging = tempfile::Builder::new().prefix(STAGING).tempdir_in(folder);
        // Only the system's reason, without the name of the temporary folder.
        let staging = staging.map_err(|failure| io::Error::from(failure.kind()))?;
        let staged = staging.path().join(name);
        write(&staged)?;
        OpenOptions::new().write(true).open(&staged)?.sync_all()?;
        fs::rename(&staged, path)?;
        // So that a power failure does not undo the renaming; not every file system supports it.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    };
    replace().with_context(|| format!("writing {}", path.display()))
}

/// Removes temporary folders that a killed process left behind. No other process may be writing to
/// `folder`.
///
/// # Errors
/// When one cannot be removed.
pub fn remove_unfinished(folder: &Path) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))?;
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(STAGING) {
            fs::remove_dir_all(entry.path())
                .with_context(|| format!("removing {}", entry.path().display()))?;
        }
    }
    Ok(())
}

/// A process that only checks whether a folder is locked holds the lock for a moment: acquiring it
/// is retried after this delay, this many times.
const RETRY_DELAY: Duration = Duration::from_millis(5);
const RETRIES: usize = 4;

/// An exclusive lock on a folder, held until it is dropped.
///
/// The system releases the lock however the process ends. The empty file `.lock` stays: removing it
/// would let two processes lock two different files of that name.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Whether a process holds the lock of the folder.
    pub fn is_held(folder: &Path) -> bool {
        let file = File::open(Self::path(folder));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    fn path(folder: &Path) -> PathBuf {
        folder.join(".lock")
    }

    /// Locks an existing folder.
    ///
    /// # Errors
    /// When another process holds the lock, or the folder cannot be written to.
    pub fn acquire(folder: &Path) -> Result<Self> {
        let path = Self::path(folder);
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.with_context(|| format!("writing to the folder {}", folder.display()))?;
        let mut locked = file.try_lock();
        // Another process may only be checking the lock.
        for _ in 0..RETRIES {
            if !matches!(locked, Err(TryLockError::WouldBlock)) {
                break;
            }
            thread::sleep(RETRY_DELAY);
            locked = file.try_lock();
        }
        match locked {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => bail!(
                "another mnist-tch is at work in {}: wait for it, or name another folder",
                folder.display()
            ),
            // Some network file systems do not support locks; working there without is better than
            // not at all.
            Err(TryLockError::Error(failure)) if failure.kind() == io::ErrorKind::Unsupported => {
                Ok(Self { _file: file })
            }
            Err(TryLockError::Error(failure)) => {
                Err(failure).with_context(|| format!("locking {}", path.display()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept");
        write_atomic(&path, b"old").unwrap();
        let failed = replace_atomic(&path, |staged| {
            fs::write(staged, b"half")?;
            bail!("the disk is full")
        });
        assert!(format!("{:#}", failed.unwrap_err()).contains("the disk is full"));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_files_left_by_a_killed_process_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".writing-a1b2c3")).unwrap();
        fs::write(folder.path().join(".writing-a1b2c3/model"), b"half").unwrap();
        fs::write(folder.path().join("model"), b"whole").unwrap();
        remove_unfinished(folder.path()).unwrap();
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().collect();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].file_name(), "model");
    }

    #[test]
    fn files_are_read_up_to_their_limit_and_devices_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, [7; 100]).unwrap();
        assert_eq!(read_bounded(&path, 100).unwrap(), [7; 100]);
        assert!(read_bounded(&path, 99).is_err());
        #[cfg(unix)]
        assert!(read_bounded(Path::new("/dev/zero"), 1000).is_err());
    }

    #[test]
    fn a_locked_folder_is_refused_until_it_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::acquire(folder.path()).unwrap();
        assert!(Lock::is_held(folder.path()));
        let refused = Lock::acquire(folder.path()).unwrap_err().to_string();
        assert!(refused.contains("at work"), "{refused}");
        drop(lock);
        assert!(!Lock::is_held(folder.path()));
        Lock::acquire(folder.path()).unwrap();
    }

    #[test]
    fn a_file_is_written_beside_others_whether_or_not_it_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for content in [&b"first"[..], b"second"] {
            write_atomic(&path, content).unwrap();
            assert_eq!(fs::read(&path).unwrap(), content);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_without_a_folder_in_its_name_is_written_where_the_process_is() {
        let name = format!("mnist-tch-test-{}", std::process::id());
        let mut staged_in = None;
        let written = replace_atomic(Path::new(&name), |staged| {
            staged_in = staged.parent().and_then(Path::parent).map(Path::to_owned);
            bail!("enough")
        });
        assert!(format!("{:#}", written.unwrap_err()).ends_with("enough"));
        assert_eq!(staged_in, std::env::current_dir().ok());
    }

    #[test]
    fn a_file_is_staged_in_its_own_folder() {
        let folder = tempfile::tempdir().unwrap();
        let mut staged_in = None;
        replace_atomic(&folder.path().join("file"), |staged| {
            staged_in = staged.parent().and_then(Path::parent).map(Path::to_owned);
            Ok(fs::write(staged, b"content")?)
        })
        .unwrap();
        assert_eq!(staged_in.as_deref(), Some(folder.path()));
    }

    #[test]
    fn folders_are_not_replaced_and_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let reason = |path: &Path| format!("{:#}", write_atomic(path, b"x").unwrap_err());
        let text = reason(folder.path());
        assert!(
            text.ends_with("it is a folder: name a file in it"),
            "{text}"
        );
        let text = reason(&folder.path().join("nowhere/file"));
        assert!(text.contains("there is no folder"), "{text}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_written_to_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let mut written_to = None;
        replace_atomic(&path, |staged| {
            written_to = Some(staged.to_owned());
            Ok(())
        })
        .unwrap();
        assert_eq!(written_to.as_deref(), Some(&*path));
        assert!(!fs::metadata(&path).unwrap().is_file());
    }

    #[test]
    fn a_folder_that_is_not_there_is_neither_locked_nor_lockable() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = folder.path().join("nowhere");
        assert!(!Lock::is_held(&nowhere));
        let text = Lock::acquire(&nowhere).unwrap_err().to_string();
        assert!(text.starts_with("writing to the folder "), "{text}");
    }
}
