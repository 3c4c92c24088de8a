//! The numbers of clicks and of the reading of pages, as columns have them: what belongs together and is small shares a number.

use strum::VariantArray;

/// A number of each click.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum ClickNumber {
    /// The label of the element's selector; 0 if it is not known.
    Element,
    /// The label of the element's text; 0 for none.
    Text,
    /// The place within the element, see [`Spot`]; 0 without an element.
    Spot,
    /// The place on the page, see [`PagePoint`]; 0 with an element.
    Point,
    /// The window and the flags, see [`ClickWindow`].
    Window,
}

/// A number of each visit's reading of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum ReadNumber {
    /// The seconds in which the page was visible.
    Seconds,
    /// The depth in thousandths of the page's height, plus 1; 0 if it was not measured.
    Depth,
}

/// A place within an element, in thousandths of its width and height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    pub x: u32,
    pub y: u32,
}

impl Spot {
    /// The number of places in a row or a column.
    pub const SIDE: u64 = 1_001;
    /// The bits of a packed place.
    pub const BITS: u32 = 20;

    /// Packs the place into a number, which is not 0.
    pub fn pack(self) -> u64 {
        u64::from(self.x) * Self::SIDE + u64::from(self.y) + 1
    }

    /// Unpacks a place.
    pub fn unpack(packed: u64) -> Self {
        let packed = packed.saturating_sub(1);
        let part = |part: u64| u32::try_from(part).unwrap_or(u32::MAX);
        Self { x: part(packed / Self::SIDE), y: part(packed % Self::SIDE) }
    }
}

/// A place on a page, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PagePoint {
    pub x: u32,
    pub y: u32,
}

impl PagePoint {
    const BITS: u32 = 20;
    const HIGHEST: u64 = (1 << Self::BITS) - 1;

    /// Packs the place into a number.
    pub fn pack(self) -> u64 {
        u64::from(self.x).min(Self::HIGHEST) << Self::BITS | u64::from(self.y).min(Self::HIGHEST)
    }

    /// Unpacks a place.
    pub fn unpack(packed: u64) -> Self {
        let part = |part: u64| u32::try_from(part).unwrap_or(u32::MAX);
        Self { x: part(packed >> Self::BITS), y: part(packed & Self::HIGHEST) }
    }
}

/// The window in which a click was made, and what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClickWindow {
    /// The width in pixels; 0 if it is not known.
    pub width: u32,
    /// True for a rage click.
    pub is_rage: bool,
    /// True for a dead click.
    pub is_dead: bool,
}

impl ClickWindow {
    /// Packs the window and the flags into a number.
    pub fn pack(self) -> u64 {
        u64::from(self.width) << 2 | u64::from(self.is_dead) << 1 | u64::from(self.is_rage)
    }

    /// Unpacks a window and its flags.
    pub fn unpack(packed: u64) -> Self {
        let width = u32::try_from(packed >> 2).unwrap_or(u32::MAX);
        Self { width, is_rage: packed & 1 != 0, is_dead: packed & 2 != 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked_again(
            (x, y) in (0_u32..=1_000, 0_u32..=1_000), (left, top) in (0_u32..1 << 20, 0_u32..1 << 20),
            (width, is_rage, is_dead) in (any::<u32>(), any::<bool>(), any::<bool>()),
        ) {
            let spot = Spot { x, y };
            prop_assert!(spot.pack() != 0 && spot.pack() < 1 << Spot::BITS);
            prop_assert_eq!(Spot::unpack(spot.pack()), spot);
            let point = PagePoint { x: left, y: top };
            prop_assert_eq!(PagePoint::unpack(point.pack()), point);
            let window = ClickWindow { width, is_rage, is_dead };
            prop_assert_eq!(ClickWindow::unpack(window.pack()), window);
        }
    }
}
