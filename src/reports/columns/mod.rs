//! Days of a site as columns: what every report scans. [`draft`] builds them from the rows and brings today up to date,
//! [`stretch`] is what questions look at, [`codec`] how finished days are stored. Derived: the day, hours, which visit
//! was a visitor's first of the day.

mod bits;
pub mod codec;
pub mod draft;
mod growing;
mod growing_block;
mod kept_sums;
mod number_changes;
pub mod numbers;
mod packed;
mod piece;
mod rows;
pub mod stretch;
mod visit_row;
mod wants;

use super::dimension::By;
use crate::ingest::hit::ActionKind;

/// What a visit is counted by, as one number: a label, a code, or two labels side by side. 0 is unknown.
pub type Key = u64;

/// Two labels in one key.
pub fn pair(first: Key, second: Key) -> Key {
    first << 32 | second
}

/// The two labels of a key.
pub fn unpair(key: Key) -> (Key, Key) {
    (key >> 32, key & 0xffff_ffff)
}

/// The properties of a visit that have a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Property {
    /// The first page.
    Landing,
    /// The last page.
    Exit,
    /// How they came: the code of the medium.
    Medium,
    /// The address that led here, unless it is a search engine's or the site's own.
    Link,
    /// Its domain.
    LinkDomain,
    /// What was searched for.
    Terms,
    /// The search engine.
    Engine,
    /// The campaign.
    Campaign,
    /// Its source.
    CampaignSource,
    /// Its medium.
    CampaignMedium,
    /// Its term.
    CampaignTerm,
    /// Its content.
    CampaignContent,
    /// The browser with its version.
    Browser,
    /// The system with its version.
    System,
    /// The code of the kind of machine.
    Hardware,
    /// The size of the screen.
    Screen,
    /// The language tag.
    Language,
    /// Two letters.
    Country,
    /// Country and region.
    Region,
    /// Country and city.
    City,
    /// Whose network.
    Organization,
    /// What the address is called.
    Hostname,
    /// The visitor.
    Visitor,
}

/// How many properties there are.
pub const PROPERTIES: usize = Property::ALL.len();

impl Property {
    /// All of them.
    pub const ALL: [Self; 23] = [
        Self::Landing,
        Self::Exit,
        Self::Medium,
        Self::Link,
        Self::LinkDomain,
        Self::Terms,
        Self::Engine,
        Self::Campaign,
        Self::CampaignSource,
        Self::CampaignMedium,
        Self::CampaignTerm,
        Self::CampaignContent,
        Self::Browser,
        Self::System,
        Self::Hardware,
        Self::Screen,
        Self::Language,
        Self::Country,
        Self::Region,
        Self::City,
        Self::Organization,
        Self::Hostname,
        Self::Visitor,
    ];
}

/// Facts of a visit that are yes or no.
pub mod facts {
    /// The visitor's first visit of the day.
    pub const UNIQUE: u8 = 1;
    /// The visitor was never seen before.
    pub const NEW: u8 = 2;
    /// One page view only, and less than 30 seconds.
    pub const BOUNCE: u8 = 4;
}

/// Rows of which a visit has any number: the actions of one kind, or custom data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bag {
    /// Actions of a kind.
    Actions(ActionKind),
    /// Custom data: key and value.
    Custom,
}

/// How many bags there are.
pub const BAGS: usize = Bag::ALL.len();

impl Bag {
    /// All of them: the kinds of action in the order of [`super::measures::KINDS`], then the rest.
    pub const ALL: [Self; 6] = [
        Self::Actions(ActionKind::PageView),
        Self::Actions(ActionKind::Download),
        Self::Actions(ActionKind::Outbound),
        Self::Actions(ActionKind::Event),
        Self::Actions(ActionKind::Media),
        Self::Custom,
    ];

    /// Its place among all.
    pub fn number(self) -> usize {
        match self {
            Self::Actions(ActionKind::PageView) => 0,
            Self::Actions(ActionKind::Download) => 1,
            Self::Actions(ActionKind::Outbound) => 2,
            Self::Actions(ActionKind::Event) => 3,
            Self::Actions(ActionKind::Media) => 4,
            Self::Custom => 5,
        }
    }
}

/// What has keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Of {
    /// A property of visits.
    Property(Property),
    /// What the rows of a bag are counted by.
    Bag(Bag),
    /// The number of actions, in steps; has no codes.
    ActionCount,
    /// The time on the site, in steps; has no codes.
    TimeOnSite,
    /// Each visit by itself; has neither keys nor codes.
    Visit,
}

impl From<By> for Of {
    fn from(by: By) -> Self {
        match by {
            By::Property(property) => Self::Property(property),
            By::Actions(kind) => Self::Bag(Bag::Actions(kind)),
            By::Custom => Self::Bag(Bag::Custom),
            By::ActionCount => Self::ActionCount,
            By::TimeOnSite => Self::TimeOnSite,
            By::Visit => Self::Visit,
        }
    }
}

/// A part of a stretch that is stored and loaded by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Ids of visits.
    Ids,
    /// Of each visit, the local hour in which it began.
    Hours,
    /// Of each visit, whole seconds on the site.
    Seconds,
    /// Of each visit, how many actions.
    Actions,
    /// Of each visit, bits of [`facts`].
    Facts,
    /// Of each visit, milliseconds to its last sign of life. Of days that are not sealed alone.
    Stays,
    /// The keys of a column.
    Head(Of),
    /// Of each visit, or each row of a bag, the place of its key.
    Codes(Of),
    /// Whose the rows of a bag are.
    Owners(Bag),
}

impl Part {
    const HEADS: usize = 6;
    const CODES: usize = Self::HEADS + PROPERTIES + BAGS + 2;
    const OWNERS: usize = Self::CODES + PROPERTIES + BAGS;
    /// How many there are.
    pub const COUNT: usize = Self::OWNERS + BAGS;

    /// Its place among all. It is stored: another order is another format.
    pub fn number(self) -> usize {
        let place = |of: Of| match of {
            Of::Property(property) => property as usize,
            Of::Bag(bag) => PROPERTIES + bag.number(),
            Of::ActionCount => PROPERTIES + BAGS,
            Of::TimeOnSite => PROPERTIES + BAGS + 1,
            Of::Visit => unreachable!("single visits have neither keys nor codes"),
        };
        match self {
            Self::Ids => 0,
            Self::Hours => 1,
            Self::Seconds => 2,
            Self::Actions => 3,
            Self::Facts => 4,
            Self::Stays => 5,
            Self::Head(of) => Self::HEADS + place(of),
            Self::Codes(of) => Self::CODES + place(of),
            Self::Owners(bag) => Self::OWNERS + bag.number(),
        }
    }

    /// All parts that are stored.
    pub fn stored() -> impl Iterator<Item = Self> {
        let properties = || Property::ALL.into_iter().map(Of::Property);
        let bags = || Bag::ALL.into_iter().map(Of::Bag);
        let keyed = || properties().chain(bags());
        [Self::Ids, Self::Hours, Self::Seconds, Self::Actions, Self::Facts]
            .into_iter()
            .chain(keyed().chain([Of::ActionCount, Of::TimeOnSite]).map(Self::Head))
            .chain(keyed().map(Self::Codes))
            .chain(Bag::ALL.into_iter().map(Self::Owners))
    }
}
