//! Sinks for the reports of devices.

/// A sink for the reports of some devices. It is split wherever the devices are split.
pub(super) trait Sink<R>: Send + Sized {
    /// Splits into the sink of the first `count` devices and the sink of the others.
    fn split(self, count: usize) -> (Self, Self);
    /// Receives the report of a device, given its place in this sink and its number. A sink that keeps nothing does not
    /// call `report`.
    fn put(&mut self, place: usize, number: u64, report: impl FnOnce() -> R);
}

/// A sink that discards all reports.
pub(super) struct Nothing;

impl<R> Sink<R> for Nothing {
    fn split(self, _: usize) -> (Self, Self) {
        (Self, Self)
    }

    #[inline(always)]
    fn put(&mut self, _: usize, _: u64, _: impl FnOnce() -> R) {}
}

/// A sink that passes each report to a function.
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

/// A sink that fills a slice, in the order of the devices.
impl<R: Send> Sink<R> for &mut [R] {
    fn split(self, count: usize) -> (Self, Self) {
        self.split_at_mut(count.min(self.len()))
    }

    #[inline(always)]
    fn put(&mut self, place: usize, _: u64, report: impl FnOnce() -> R) {
        self[place] = report();
    }
}
