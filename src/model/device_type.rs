//! Device types: desktop, phone, tablet and television.

/// A device type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceType {
    /// A desktop or laptop computer.
    Desktop,
    /// A phone.
    Phone,
    /// A tablet.
    Tablet,
    /// A television, or a game console.
    Television,
    /// Another or an unknown device.
    Other,
}

impl DeviceType {
    /// All device types.
    pub const ALL: [Self; 5] = [Self::Desktop, Self::Phone, Self::Tablet, Self::Television, Self::Other];

    /// Returns the code stored in `machines.device_type`.
    pub fn code(self) -> i64 {
        match self {
            Self::Other => 0,
            Self::Desktop => 1,
            Self::Phone => 2,
            Self::Tablet => 3,
            Self::Television => 4,
        }
    }

    /// Finds the device type of a code in `machines.device_type`.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|device| device.code() == code)
    }

    /// Returns the name for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::Desktop => "Desktop",
            Self::Phone => "Phone",
            Self::Tablet => "Tablet",
            Self::Television => "Television",
            Self::Other => "Other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back() {
        for device in DeviceType::ALL {
            assert_eq!(DeviceType::from_code(device.code()), Some(device));
        }
    }
}
