//! Device types: desktop, phone, tablet and television.

use strum::{EnumIter, FromRepr, IntoEnumIterator, IntoStaticStr};

/// A device type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, FromRepr, IntoStaticStr)]
#[repr(u8)]
pub enum DeviceType {
    /// A desktop or laptop computer.
    Desktop = 1,
    /// A phone.
    Phone = 2,
    /// A tablet.
    Tablet = 3,
    /// A television, or a game console.
    Television = 4,
    /// Another or an unknown device.
    Other = 0,
}

impl DeviceType {
    /// Returns the code stored in `machines.device_type`.
    pub fn code(self) -> i64 {
        self as i64
    }

    /// Finds the device type of a code in `machines.device_type`.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::from_repr(u8::try_from(code).ok()?)
    }

    /// Finds a device type by its name, in any case.
    pub fn find(name: &str) -> Option<Self> {
        Self::iter().find(|device| device.name().eq_ignore_ascii_case(name))
    }

    /// Returns the name for display.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back() {
        for device in DeviceType::iter() {
            assert_eq!(DeviceType::from_code(device.code()), Some(device));
            assert_eq!(DeviceType::find(&device.name().to_lowercase()), Some(device));
        }
    }
}
