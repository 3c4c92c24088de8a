//! Attribution: the visit whose source a report credits. A report on sources counts by the visit's own source, by the
//! visitor's last visit from elsewhere, or by the first one; whoever may see the one may see the others.

use super::catalogue::{self, Report, ReportKind};
use super::dimension::{Dimension, GroupKey};
use crate::error::{Error, Result};
use crate::store::visit_attribute::Touch;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The visit whose source is credited with a visit, where that is not the visit itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, IntoStaticStr, EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum Attribution {
    /// The last touch: of a direct visit the visitor's last one from elsewhere.
    Last,
    /// The first touch: the visitor's first visit from elsewhere.
    First,
}

impl Attribution {
    /// Returns the touch that it credits.
    fn touch(self) -> Touch {
        match self {
            Self::First => Touch::First,
            Self::Last => Touch::Last,
        }
    }

    /// Returns the dimension that counts as this one does, by the touch; `None` for one that is not about sources.
    pub fn apply(self, dimension: &Dimension) -> Option<&'static Dimension> {
        let GroupKey::Property(own) = dimension.group_key else { return None };
        let is_credited = |known: &&Dimension| match known.group_key {
            GroupKey::Property(one) => one.touch() == Some(self.touch()) && one.untouched() == own,
            _ => false,
        };
        catalogue::dimensions().iter().find(is_credited)
    }

    /// Returns the value of the parameter `attribution`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns the name on screens.
    pub fn title(self) -> &'static str {
        match self {
            Self::Last => "Last touch",
            Self::First => "First touch",
        }
    }

    /// Returns what it credits.
    pub fn about(self) -> &'static str {
        match self {
            Self::Last => {
                "Credits direct visits to the source that brought the visitor last, within 90 days."
            }
            Self::First => {
                "Credits every visit to the source that first brought the visitor, within 90 days."
            }
        }
    }

    /// Reads the parameter `attribution`; `None` for a missing or empty one.
    ///
    /// # Errors
    /// Fails with [`Error::Invalid`] for another value than `first` and `last`.
    pub fn read(text: Option<&str>) -> Result<Option<Self>> {
        let read =
            |text: &str| text.parse().map_err(|_| Error::invalid("attribution", "Write first or last."));
        text.filter(|text| !text.is_empty()).map(read).transpose()
    }
}

/// Returns the dimension of a visit's own source for one of a touch; others as they are.
pub fn untouched(dimension: &Dimension) -> &Dimension {
    let GroupKey::Property(property) = dimension.group_key else { return dimension };
    let is_own = |known: &&Dimension| known.group_key == GroupKey::Property(property.untouched());
    match property.touch() {
        Some(_) => catalogue::dimensions().iter().find(is_own).unwrap_or(dimension),
        None => dimension,
    }
}

/// Returns the kind of a report's result, its visits counted by the touch that an attribution credits.
///
/// # Errors
/// Fails with [`Error::Invalid`] for a report that is not about sources.
pub fn kind_by(report: &Report, attribution: Option<Attribution>) -> Result<ReportKind> {
    let Some(attribution) = attribution else { return Ok(report.kind) };
    let credited = match report.kind {
        ReportKind::Items(dimension) => attribution.apply(dimension),
        _ => None,
    };
    let sentence =
        "Only Traffic sources, Linking domains and Campaigns can be counted by first or last touch.";
    credited.map(ReportKind::Items).ok_or_else(|| Error::invalid("attribution", sentence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::visibility::Visibility;

    #[test]
    fn three_reports_can_be_counted_by_a_touch_and_are_seen_with_the_plain_one() {
        for (report, filter) in
            [("traffic-sources", "source"), ("links-domains", "domain"), ("campaigns", "campaign")]
        {
            let report = catalogue::find(report).unwrap();
            for attribution in Attribution::VARIANTS {
                let Ok(ReportKind::Items(credited)) = kind_by(report, Some(*attribution)) else {
                    unreachable!()
                };
                assert_eq!(credited.filter, format!("{}-{filter}", attribution.name()));
                assert_eq!(untouched(credited).filter, filter);
                let seen =
                    |names: &[&str]| Visibility::from_names(names.iter().copied(), []).filters_by(credited);
                assert!(seen(&[report.name]) && !seen(&["pages", "links", "campaign-sources"]));
            }
        }
        for report in ["pages", "links", "campaign-sources", "visitors", "left-out"] {
            assert!(kind_by(catalogue::find(report).unwrap(), Some(Attribution::First)).is_err(), "{report}");
        }
        assert!(Attribution::read(Some("middle")).is_err());
        assert_eq!(Attribution::read(Some("")).unwrap(), None);
    }
}
