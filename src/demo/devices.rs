//! The devices of the visitors of all businesses. Data only.

use super::business::Weighted;
use crate::model::device_type::DeviceType;

/// A device with its browser. The browser's version goes up by one every four weeks.
pub struct DemoDevice {
    /// The browser's name.
    pub browser: &'static str,
    /// The browser's version on 1 November 2026; 0 for Safari, whose versions follow the year.
    pub version: i32,
    /// The operating system with its version.
    pub system: &'static str,
    /// The device type.
    pub device_type: DeviceType,
    /// The screen size in pixels, as `WIDTHxHEIGHT`.
    pub screen: &'static str,
}

const fn device(
    browser: &'static str,
    version: i32,
    system: &'static str,
    device_type: DeviceType,
    screen: &'static str,
) -> DemoDevice {
    DemoDevice { browser, version, system, device_type, screen }
}

/// The devices, with weights.
pub const DEVICES: [Weighted<DemoDevice>; 16] = [
    (250, device("Mobile Safari", 0, "iOS 18", DeviceType::Phone, "393x852")),
    (90, device("Mobile Safari", 0, "iOS 26", DeviceType::Phone, "402x874")),
    (210, device("Chrome Mobile", 142, "Android 15", DeviceType::Phone, "412x915")),
    (80, device("Chrome Mobile", 142, "Android 14", DeviceType::Phone, "360x800")),
    (30, device("Samsung Internet", 28, "Android 15", DeviceType::Phone, "384x832")),
    (150, device("Chrome", 142, "Windows 11", DeviceType::Desktop, "1920x1080")),
    (60, device("Chrome", 142, "Windows 10", DeviceType::Desktop, "1536x864")),
    (55, device("Edge", 142, "Windows 11", DeviceType::Desktop, "1920x1080")),
    (52, device("Firefox", 144, "Windows 11", DeviceType::Desktop, "1920x1080")),
    (24, device("Firefox", 144, "Ubuntu", DeviceType::Desktop, "2560x1440")),
    (60, device("Safari", 0, "Mac OS X 15", DeviceType::Desktop, "1512x982")),
    (34, device("Chrome", 142, "Mac OS X 15", DeviceType::Desktop, "1440x900")),
    (30, device("Mobile Safari", 0, "iPadOS 18", DeviceType::Tablet, "820x1180")),
    (12, device("Chrome", 142, "Android 14", DeviceType::Tablet, "800x1280")),
    (8, device("Opera", 124, "Windows 11", DeviceType::Desktop, "1366x768")),
    (3, device("Chrome", 130, "Tizen 8", DeviceType::Television, "1920x1080")),
];
