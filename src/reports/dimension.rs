//! What visits and actions can be counted by, how the values are called, and the name under which a filter knows them.

use super::columns::Property;
use crate::ingest::hit::ActionKind;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Visits by a property.
    Property(Property),
    /// Actions of a kind by their address, events and media by their title.
    Actions(ActionKind),
    /// Visits by a key and value of custom data.
    Custom,
    /// Visits by their number of actions.
    ActionCount,
    /// Visits by their length.
    TimeOnSite,
    /// Each visit by itself: visits are filtered so, and never counted.
    Visit,
}

/// How the values of a dimension are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// As they are.
    Text,
    /// An address of the site: shown by its path.
    Page,
    /// An address elsewhere.
    Address,
    /// Without the version: all versions of a browser are one.
    Family,
    /// The host of an address: all pages of a host are one.
    Host,
    /// The language of a tag: all its countries are one.
    Language,
    /// A country's name.
    Country,
    /// A place in a country.
    Place,
    /// How visitors came.
    Medium,
    /// A kind of machine.
    Hardware,
    /// A visitor.
    Visitor,
    /// A key and a value.
    Pair,
    /// A range of action counts.
    ActionCount,
    /// A range of times.
    TimeOnSite,
    /// The number of a visit.
    VisitId,
    /// An internet address.
    IpAddress,
}

/// What a report counts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// What is counted.
    pub by: By,
    /// How its values are called.
    pub naming: Naming,
    /// Its name in an address, as Clicky's grammar has it.
    pub filter: &'static str,
    /// What one value is, for people.
    pub noun: &'static str,
    /// Visits without a value are shown as unknown.
    pub shows_unknown: bool,
}

impl Dimension {
    /// Of a property of visits.
    pub const fn property(
        property: Property,
        naming: Naming,
        (filter, noun): (&'static str, &'static str),
    ) -> Self {
        Self { by: By::Property(property), naming, filter, noun, shows_unknown: false }
    }

    /// Of a property that every visitor has, known or not.
    pub const fn always(
        property: Property,
        naming: Naming,
        (filter, noun): (&'static str, &'static str),
    ) -> Self {
        Self { by: By::Property(property), naming, filter, noun, shows_unknown: true }
    }

    /// Of the actions of a kind.
    pub const fn actions(
        kind: ActionKind,
        naming: Naming,
        (filter, noun): (&'static str, &'static str),
    ) -> Self {
        Self { by: By::Actions(kind), naming, filter, noun, shows_unknown: false }
    }

    /// Whether several keys are one item.
    pub fn folds(&self) -> bool {
        matches!(self.naming, Naming::Family | Naming::Host | Naming::Language)
    }

    /// Whether an item's number of occurrences differs from its number of visits.
    pub fn counts_actions(&self) -> bool {
        matches!(self.by, By::Actions(_))
    }
}

/// The lower ends of the ranges in which action counts are shown.
pub const ACTION_STEPS: [u32; 8] = [0, 1, 2, 3, 4, 7, 11, 21];
/// The lower ends of the ranges in which seconds on the site are shown.
pub const SECOND_STEPS: [u32; 8] = [0, 10, 30, 60, 180, 600, 1_800, 3_600];

fn bucket(steps: &[u32], value: u32) -> u32 {
    let above = steps.iter().take_while(|step| **step <= value).count();
    u32::try_from(above.saturating_sub(1)).unwrap_or(0)
}

/// The place of an action count among [`ACTION_STEPS`].
pub fn bucket_of_actions(actions: u32) -> u32 {
    bucket(&ACTION_STEPS, actions)
}

/// The place of a time among [`SECOND_STEPS`].
pub fn bucket_of_seconds(seconds: u32) -> u32 {
    bucket(&SECOND_STEPS, seconds)
}

/// The range of a bucket: its first value, and its last unless it is open.
pub fn bucket_range(steps: &[u32], place: usize) -> (u32, Option<u32>) {
    let first = steps.get(place).copied().unwrap_or(0);
    (first, steps.get(place + 1).map(|next| next - 1))
}

/// `Windows` for `Windows 11`.
pub fn family(text: &str) -> &str {
    match text.rsplit_once(' ') {
        Some((family, version)) if version.starts_with(|first: char| first.is_ascii_digit()) => family,
        _ => text,
    }
}
