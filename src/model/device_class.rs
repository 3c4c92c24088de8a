//! Device classes: layouts by the width of the window, as most style sheets draw their lines. A heatmap tells them apart,
//! because a page looks different in each.

use strum::{EnumString, IntoStaticStr, VariantArray};

/// A device class, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray, IntoStaticStr, EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum DeviceClass {
    /// Windows narrower than a tablet's.
    Phone,
    /// Windows narrower than a desktop's.
    Tablet,
    /// All wider windows.
    Desktop,
}

/// The width from which a window is a tablet's, in pixels.
pub const TABLET_WIDTH_MIN: u32 = 768;
/// The width from which a window is a desktop's, in pixels.
pub const DESKTOP_WIDTH_MIN: u32 = 1_100;

impl DeviceClass {
    /// Returns the class of a window, by its width in pixels.
    pub fn of_width(width: u32) -> Self {
        match width {
            ..TABLET_WIDTH_MIN => Self::Phone,
            TABLET_WIDTH_MIN..DESKTOP_WIDTH_MIN => Self::Tablet,
            DESKTOP_WIDTH_MIN.. => Self::Desktop,
        }
    }

    /// Finds a class by its name.
    pub fn find(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// Returns the name for a URL.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the name for display.
    pub fn title(self) -> &'static str {
        match self {
            Self::Phone => "Phone",
            Self::Tablet => "Tablet",
            Self::Desktop => "Desktop",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_belongs_to_the_class_of_its_width() {
        for (width, class) in [
            (320, DeviceClass::Phone),
            (767, DeviceClass::Phone),
            (768, DeviceClass::Tablet),
            (1_099, DeviceClass::Tablet),
            (1_100, DeviceClass::Desktop),
            (5_000, DeviceClass::Desktop),
        ] {
            assert_eq!(DeviceClass::of_width(width), class, "{width}");
        }
        for class in DeviceClass::VARIANTS {
            assert_eq!(DeviceClass::find(class.name()), Some(*class));
        }
    }
}
