//! Partition-wise processing of spilled accumulators: several threads sum the partitions, and the caller sees one at a
//! time.

use super::cells::{CrossTabCells, CrossTabCellsPart};
use super::first_times::{FirstTimes, FirstTimesPart};
use super::group_by::{GroupBy, GroupByPart};
use super::spill_folder::SpillFolder;
use crate::error::Result;
use crate::reports::comparison::Compared;
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};

/// An accumulator by key that may be spilled.
pub trait Parted: Send + Sized {
    /// A partition that is not summed yet.
    type Part: Send;

    /// Returns true if any of it was spilled.
    fn is_aside(&self) -> bool;
    /// Spills all of it.
    fn put_aside(&mut self);
    /// Takes a partition.
    ///
    /// # Errors
    /// Fails when an earlier write to the spill file failed.
    fn take(&mut self, part: usize) -> Result<Self::Part>;
    /// Sums a partition.
    ///
    /// # Errors
    /// Fails when the spill file cannot be read.
    fn add_up(part: Self::Part) -> Result<Self>;
}

/// Implements [`Parted`] for accumulators with inherent methods for it.
macro_rules! parted {
    ($($counted:ty, $part:ty;)*) => {$(
        impl Parted for $counted {
            type Part = $part;

            fn is_aside(&self) -> bool {
                Self::is_aside(self)
            }

            fn put_aside(&mut self) {
                Self::put_aside(self);
            }

            fn take(&mut self, part: usize) -> Result<$part> {
                self.take_part(part)
            }

            fn add_up(part: $part) -> Result<Self> {
                part.add_up()
            }
        }
    )*};
}

parted! {
    GroupBy, GroupByPart;
    CrossTabCells, CrossTabCellsPart;
    FirstTimes, FirstTimesPart;
}

impl<T: Parted> Parted for Compared<T> {
    type Part = Compared<T::Part>;

    fn is_aside(&self) -> bool {
        self.now.is_aside() || self.before.as_ref().is_some_and(T::is_aside)
    }

    fn put_aside(&mut self) {
        self.now.put_aside();
        self.before.iter_mut().for_each(T::put_aside);
    }

    fn take(&mut self, part: usize) -> Result<Self::Part> {
        let before = self.before.as_mut().map(|before| before.take(part)).transpose()?;
        Ok(Compared { now: self.now.take(part)?, before })
    }

    fn add_up(part: Self::Part) -> Result<Self> {
        let before = part.before.map(T::add_up).transpose()?;
        Ok(Self { now: T::add_up(part.now)?, before })
    }
}

impl<A: Parted, B: Parted> Parted for (A, B) {
    type Part = (A::Part, B::Part);

    fn is_aside(&self) -> bool {
        self.0.is_aside() || self.1.is_aside()
    }

    fn put_aside(&mut self) {
        self.0.put_aside();
        self.1.put_aside();
    }

    fn take(&mut self, part: usize) -> Result<Self::Part> {
        Ok((self.0.take(part)?, self.1.take(part)?))
    }

    fn add_up(part: Self::Part) -> Result<Self> {
        Ok((A::add_up(part.0)?, B::add_up(part.1)?))
    }
}

/// Calls `visit` with the whole accumulator, or with one summed partition after the other (in no particular order) if it
/// was spilled to `aside`.
///
/// # Errors
/// Fails with [`Error::Abandoned`](crate::error::Error::Abandoned) when cancelled, when the spill file cannot be read,
/// and with the errors of `visit`.
pub fn each_part<P: Parted>(
    aside: &SpillFolder,
    mut counted: P,
    visit: &mut dyn FnMut(&P) -> Result<()>,
) -> Result<()> {
    aside.cancellation.check()?;
    if !counted.is_aside() {
        return visit(&counted);
    }
    counted.put_aside();
    let left = Mutex::new((counted, 0..aside.limits.spill_parts));
    let next = || {
        let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
        let (counted, parts) = &mut *left;
        parts.next().map(|part| counted.take(part))
    };
    let lanes = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let (send, receive) = sync_channel(1);
        for _ in 0..lanes {
            let (send, next) = (send.clone(), &next);
            scope.spawn(move || {
                while let Some(part) = next() {
                    // The receiver is gone after the first error.
                    if send.send(part.and_then(P::add_up)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        receive.into_iter().try_for_each(|part| each_part(aside, part?, visit))
    })
}
