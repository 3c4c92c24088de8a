//! Points with the number of clicks on each. As soon as there are too many, near ones become one, so that memory and answers
//! are bounded however many clicks there are.

use super::counted_values::CountedValues;
use crate::reports::columns::DictKey;
use crate::reports::columns::page_use::{PagePoint, Spot};

/// A point: its place, and what it is the place in.
pub trait Point: Copy + Ord {
    /// Returns the middle of the square cell of this side in which the point lies.
    #[must_use]
    fn in_cell(self, side: u32) -> Self;
}

/// A place within an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpotOf(u64);

impl SpotOf {
    /// Joins an element's label and a packed [`Spot`].
    pub fn new(element: DictKey, spot: u64) -> Self {
        Self(element << Spot::BITS | spot)
    }

    /// Returns the element's label.
    pub fn element(self) -> DictKey {
        self.0 >> Spot::BITS
    }

    /// Returns the place.
    pub fn spot(self) -> Spot {
        Spot::unpack(self.0 & ((1 << Spot::BITS) - 1))
    }
}

impl Point for SpotOf {
    fn in_cell(self, side: u32) -> Self {
        let last = u32::try_from(Spot::SIDE - 1).unwrap_or(u32::MAX);
        let middle = |place: u32| (place / side * side + side / 2).min(last);
        let Spot { x, y } = self.spot();
        Self::new(self.element(), Spot { x: middle(x), y: middle(y) }.pack())
    }
}

/// A place on a page in a window of some width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PointIn {
    /// The width of the window, in pixels; 0 if it is not known.
    pub width: u32,
    place: u64,
}

impl PointIn {
    /// Joins the width of a window and a packed [`PagePoint`].
    pub fn new(width: u32, place: u64) -> Self {
        Self { width, place }
    }

    /// Returns the place.
    pub fn place(self) -> PagePoint {
        PagePoint::unpack(self.place)
    }
}

impl Point for PointIn {
    fn in_cell(self, side: u32) -> Self {
        let middle = |place: u32| place / side * side + side / 2;
        let PagePoint { x, y } = self.place();
        // A width that is not known is none.
        let width = if self.width == 0 { 0 } else { middle(self.width) };
        Self { width, place: PagePoint { x: middle(x), y: middle(y) }.pack() }
    }
}

/// Points with the number of clicks on each.
#[derive(Debug)]
pub struct CountedPoints<P> {
    points: CountedValues<P>,
    /// The side of the cells in which points are one, in units of the points.
    side: u32,
    /// The number of points from which near ones become one.
    most: usize,
}

impl<P: Point> CountedPoints<P> {
    /// Counts at most so many points apart.
    pub fn new(most: usize) -> Self {
        Self { points: CountedValues::new(), side: 1, most }
    }

    /// Adds a click.
    pub fn add(&mut self, point: P) {
        self.points.add(if self.side == 1 { point } else { point.in_cell(self.side) });
        if self.points.counted().len() > self.most {
            self.limit(self.most / 2);
        }
    }

    /// Adds other clicks.
    pub fn merge(&mut self, mut more: Self) {
        let side = self.side.max(more.side);
        self.widen(side);
        more.widen(side);
        self.points.merge(more.points);
        self.limit(self.most);
    }

    /// Keeps the points for which `keeps` returns true, and makes near ones one until there are at most so many.
    pub fn into_points(mut self, most: usize, keeps: impl Fn(P) -> bool) -> Vec<(P, i64)> {
        self.points.count();
        self.points.retain(keeps);
        self.limit(most);
        self.points.counted().to_vec()
    }

    /// Makes near points one until there are at most so many.
    fn limit(&mut self, most: usize) {
        self.points.count();
        // Cells of twice the side are at least a quarter as many.
        while self.points.counted().len() > most.max(1) && self.side < 1 << 20 {
            let mut side = self.side * 2;
            let mut fewest = self.points.counted().len() / 4;
            while fewest > most.max(1) && side < 1 << 20 {
                (side, fewest) = (side * 2, fewest / 4);
            }
            self.widen(side);
        }
    }

    fn widen(&mut self, side: u32) {
        if side > self.side {
            self.side = side;
            self.points.map(|point| point.in_cell(side));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn points_keep_their_clicks_and_stay_near_however_few_are_told_apart(
            clicks in prop::collection::vec((1_u64..4, 0_u32..=1_000, 0_u32..=1_000), 0..3_000),
            most in 4_usize..400,
            parts in 1_usize..4,
        ) {
            let mut counted = CountedPoints::new(most);
            for part in clicks.chunks(clicks.len().div_ceil(parts).max(1)) {
                let mut lane = CountedPoints::new(most);
                for (element, x, y) in part {
                    lane.add(SpotOf::new(*element, Spot { x: *x, y: *y }.pack()));
                }
                counted.merge(lane);
            }
            let side = counted.side;
            let points = counted.into_points(most, |_| true);
            prop_assert!(points.len() <= most);
            for element in 1_u64..4 {
                let of_element = clicks.iter().filter(|click| click.0 == element).count();
                let found: i64 = points.iter().filter(|(point, _)| point.element() == element).map(|(_, count)| count).sum();
                prop_assert_eq!(found, i64::try_from(of_element).unwrap());
            }
            for (element, x, y) in clicks {
                let is_near = |(point, _): &&(SpotOf, i64)| {
                    let Spot { x: left, y: top } = point.spot();
                    point.element() == element && left.abs_diff(x) <= side && top.abs_diff(y) <= side
                };
                prop_assert!(points.iter().any(|point| is_near(&point)));
            }
        }
    }
}
