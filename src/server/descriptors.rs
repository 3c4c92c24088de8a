//! The limits on open files and connections of the process.

use crate::limits;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the soft limit on open files to the hard one, but at most to `DESCRIPTORS_MAX`; returns the resulting
/// limit.
pub fn raise() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let target = limit.maximum.unwrap_or(limits::DESCRIPTORS_MAX).min(limits::DESCRIPTORS_MAX);
    let mut current = limit.current.unwrap_or(limits::DESCRIPTORS_MAX);
    if current < target {
        match setrlimit(Resource::Nofile, Rlimit { current: Some(target), maximum: limit.maximum }) {
            Ok(()) => current = target,
            Err(error) => tracing::warn!(%error, current, "the limit of open files could not be raised"),
        }
    }
    usize::try_from(current.min(limits::DESCRIPTORS_MAX)).unwrap_or(usize::MAX)
}

/// Returns the largest number of open connections: fewer than there are descriptors, so that files can always
/// be opened.
pub fn connections(descriptors: usize, workers: usize) -> usize {
    let reserved = limits::DESCRIPTORS_KEPT + limits::DESCRIPTORS_PER_WORKER * workers;
    // A very low limit still gives a working server.
    descriptors.saturating_sub(reserved).max(descriptors / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_descriptors_are_left_for_files() {
        assert_eq!(connections(65_536, 2), 65_392);
        assert_eq!(connections(1_024, 2), 880);
        assert_eq!(connections(256, 64), 64, "at least a quarter");
    }
}
