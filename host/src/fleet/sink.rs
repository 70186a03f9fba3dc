//! Where the reports of devices go.

/// Takes the reports of some devices; halves of it take those of halves.
pub(super) trait Sink<R>: Send + Sized {
    /// For the first `count` devices, and for the others.
    fn split(self, count: usize) -> (Self, Self);
    /// Takes the report of a device, if it wants it: its place here, and its number.
    fn put(&mut self, place: usize, number: u64, report: impl FnOnce() -> R);
}

/// Nothing is kept.
pub(super) struct Nothing;

impl<R> Sink<R> for Nothing {
    fn split(self, _: usize) -> (Self, Self) {
        (Self, Self)
    }

    #[inline(always)]
    fn put(&mut self, _: usize, _: u64, _: impl FnOnce() -> R) {}
}

/// A function is told.
pub(super) struct Told<'a, F>(pub(super) &'a F);

impl<R, F: Fn(u64, R) + Sync> Sink<R> for Told<'_, F> {
    fn split(self, _: usize) -> (Self, Self) {
        (Self(self.0), Self(self.0))
    }

    #[inline(always)]
    fn put(&mut self, _: usize, number: u64, report: impl FnOnce() -> R) {
        (self.0)(number, report());
    }
}

/// A slice is filled, in the order of the devices.
impl<R: Send> Sink<R> for &mut [R] {
    fn split(self, count: usize) -> (Self, Self) {
        self.split_at_mut(count.min(self.len()))
    }

    #[inline(always)]
    fn put(&mut self, place: usize, _: u64, report: impl FnOnce() -> R) {
        self[place] = report();
    }
}
