//! The time zone of a new site: that of an option, or else this machine's.

use crate::error::Result;
use crate::model::clock::Zone;

/// The time zone of a new site.
pub struct SiteZone {
    zone: Zone,
    /// True if no option names it, so that it is this machine's.
    is_machines: bool,
}

impl SiteZone {
    /// Returns the zone that an option names, or else this machine's.
    ///
    /// # Errors
    /// Fails with `Error::Invalid` for a name that is no time zone.
    pub fn from_option(name: Option<&str>) -> Result<Self> {
        Ok(match name {
            Some(name) => Self { zone: Zone::parse(name)?, is_machines: false },
            None => Self { zone: Zone::parse(&Zone::of_machine())?, is_machines: true },
        })
    }

    /// Returns the IANA name of the zone.
    pub fn name(&self) -> &str {
        self.zone.name()
    }

    /// Returns a sentence on the time zone in which the site's days begin.
    pub fn sentence(&self) -> String {
        let origin = if self.is_machines { ", this machine's time zone" } else { "" };
        format!("Its days begin at midnight in {}{origin}.", self.zone.name())
    }
}
