//! Days of a site as columns, which every report scans. [`block_builder`] builds them from the rows and updates the
//! current day, [`block`] is the form that queries read, [`codec`] the stored format of finished days. Columns are derived
//! from the rows, as are the day, the hour and the first visit of a visitor in a day.

mod action_row;
mod bits;
pub mod block;
pub mod block_builder;
pub mod codec;
mod column_data;
pub mod day_codec;
mod dictionary_builder;
mod goal_in_view;
mod growing_block;
mod growing_sums;
mod metrics_reader;
mod number_changes;
mod packed;
pub mod packed_ints;
pub mod page_use;
mod projection;
mod repeated_rows;
pub mod row_starts;
mod selection;
pub mod step_codes;
mod touched;
mod visit_row;

use super::dimension::GroupKey;
use crate::ingest::hit::ActionKind;
use crate::model::metrics::Measure;
use crate::model::vital::Vital;
use crate::store::visit_attribute::{DAY_COLUMNS, VisitAttribute};
use page_use::{ClickNumber, ReadNumber};
use strum::VariantArray;

/// A value by which visits are grouped, as one number: a label id, a code, or a pair of label ids. 0 means unknown.
pub type DictKey = u64;

/// Packs two label ids into one key.
pub fn pack_pair(first: DictKey, second: DictKey) -> DictKey {
    first << 32 | second
}

/// Unpacks the two label ids of a key.
pub fn unpack_pair(key: DictKey) -> (DictKey, DictKey) {
    (key >> 32, key & 0xffff_ffff)
}

/// Flags of a visit.
pub mod flags {
    /// The visit is the visitor's first of the day.
    pub const UNIQUE: u8 = 1;
    /// The visitor was not seen before.
    pub const NEW: u8 = 2;
    /// The visit bounced: it has one page view and lasted less than 30 seconds.
    pub const BOUNCE: u8 = 4;
    /// The visit has a conversion that counts.
    pub const CONVERTED: u8 = 8;
}

/// The measures that are numbers of a visit, each stored for every visit: those of its row, limited to 32 bits, then those
/// that its conversions add up to.
pub const NUMBERS: [Measure; 5] =
    [Measure::Seconds, Measure::Actions, Measure::Conversions, Measure::Earned, Measure::Refunded];
/// The expressions over the rows of `visits` of the first of [`NUMBERS`].
pub const ROW_NUMBERS: [&str; 2] = ["min(stay, 4294967295) / 1000", "actions"];
/// The measures that are numbers of a conversion, in the minor unit of the site's currency.
pub const AMOUNTS: [Measure; 2] = [Measure::Earned, Measure::Refunded];
/// The measures that are flags of a visit and tell of its visitor among all visits.
pub const VISITOR_FLAGS: [(Measure, u8); 2] = [(Measure::Uniques, flags::UNIQUE), (Measure::New, flags::NEW)];
/// The measures that are flags of a visit by itself.
pub const VISIT_FLAGS: [(Measure, u8); 2] =
    [(Measure::Bounces, flags::BOUNCE), (Measure::Converted, flags::CONVERTED)];

/// The kinds of action, in the order of [`Metrics::kinds`](crate::model::metrics::Metrics::kinds).
pub const KINDS: [ActionKind; Measure::KIND_COUNT] =
    [ActionKind::PageView, ActionKind::Download, ActionKind::Outbound, ActionKind::Event, ActionKind::Media];

/// A repeated column, of which a visit has any number of rows: actions of one kind, or custom data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Repeated {
    /// Actions of one kind.
    Actions(ActionKind),
    /// Custom data: pairs of key and value.
    Custom,
    /// Conversions that count, by their goal.
    Goals,
    /// Versions of split tests: pairs of test and version.
    Splits,
    /// Views of pages that were not found, by the page.
    NotFound,
    /// Views of pages that were not found: pairs of the page and the address that led there, 0 for none.
    BrokenLinks,
    /// Measurements of web vitals, by the page.
    Vitals,
    /// Clicks, by the page.
    Clicks,
    /// The reading of pages, by the page.
    Reads,
}

/// The number of repeated columns.
pub const REPEATED_COLUMNS: usize = Repeated::ALL.len();

impl Repeated {
    /// All repeated columns: the kinds of action in the order of [`KINDS`], then the rest.
    pub const ALL: [Self; 13] = [
        Self::Actions(ActionKind::PageView),
        Self::Actions(ActionKind::Download),
        Self::Actions(ActionKind::Outbound),
        Self::Actions(ActionKind::Event),
        Self::Actions(ActionKind::Media),
        Self::Custom,
        Self::Goals,
        Self::Splits,
        Self::NotFound,
        Self::BrokenLinks,
        Self::Vitals,
        Self::Clicks,
        Self::Reads,
    ];

    /// Returns the position in [`Self::ALL`].
    pub fn number(self) -> usize {
        match self {
            Self::Actions(ActionKind::PageView) => 0,
            Self::Actions(ActionKind::Download) => 1,
            Self::Actions(ActionKind::Outbound) => 2,
            Self::Actions(ActionKind::Event) => 3,
            Self::Actions(ActionKind::Media) => 4,
            Self::Custom => 5,
            Self::Goals => 6,
            Self::Splits => 7,
            Self::NotFound => 8,
            Self::BrokenLinks => 9,
            Self::Vitals => 10,
            Self::Clicks => 11,
            Self::Reads => 12,
        }
    }

    /// Returns the parts that hold a number of each row.
    pub fn numbers(self) -> &'static [ColumnPart] {
        const fn time(kind: ActionKind) -> ColumnPart {
            ColumnPart::Time(Repeated::Actions(kind))
        }
        match self {
            Self::Actions(ActionKind::PageView) => &const { [time(ActionKind::PageView)] },
            Self::Actions(ActionKind::Download) => &const { [time(ActionKind::Download)] },
            Self::Actions(ActionKind::Outbound) => &const { [time(ActionKind::Outbound)] },
            Self::Actions(ActionKind::Event) => &const { [time(ActionKind::Event)] },
            Self::Actions(ActionKind::Media) => &const { [time(ActionKind::Media)] },
            Self::Goals => &[
                ColumnPart::Amount(Measure::Earned),
                ColumnPart::Amount(Measure::Refunded),
                ColumnPart::Time(Self::Goals),
            ],
            Self::Vitals => {
                &[ColumnPart::Vital(Vital::Lcp), ColumnPart::Vital(Vital::Inp), ColumnPart::Vital(Vital::Cls)]
            }
            Self::Clicks => &[
                ColumnPart::Click(ClickNumber::Element),
                ColumnPart::Click(ClickNumber::Text),
                ColumnPart::Click(ClickNumber::Spot),
                ColumnPart::Click(ClickNumber::Point),
                ColumnPart::Click(ClickNumber::Window),
            ],
            Self::Reads => &[ColumnPart::Read(ReadNumber::Seconds), ColumnPart::Read(ReadNumber::Depth)],
            Self::Custom | Self::Splits | Self::NotFound | Self::BrokenLinks => &[],
        }
    }
}

/// The repeated columns whose rows have a time: actions and conversions.
const TIMED: [Repeated; Measure::KIND_COUNT + 1] = [
    Repeated::Actions(ActionKind::PageView),
    Repeated::Actions(ActionKind::Download),
    Repeated::Actions(ActionKind::Outbound),
    Repeated::Actions(ActionKind::Event),
    Repeated::Actions(ActionKind::Media),
    Repeated::Goals,
];

/// A dictionary-coded column: a visit property or a repeated column. Also the groupings that need no dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnId {
    /// A property of visits.
    Property(VisitAttribute),
    /// The items of a repeated column.
    Repeated(Repeated),
    /// The number of actions in steps; has a dictionary but no codes.
    ActionCount,
    /// The time on the site in steps; has a dictionary but no codes.
    TimeOnSite,
    /// Single visits; have neither dictionary nor codes.
    Visit,
}

impl From<GroupKey> for ColumnId {
    fn from(by: GroupKey) -> Self {
        match by {
            GroupKey::Property(property) => Self::Property(property),
            GroupKey::Actions(kind) => Self::Repeated(Repeated::Actions(kind)),
            GroupKey::Custom => Self::Repeated(Repeated::Custom),
            GroupKey::Goal => Self::Repeated(Repeated::Goals),
            GroupKey::Split => Self::Repeated(Repeated::Splits),
            GroupKey::NotFound => Self::Repeated(Repeated::NotFound),
            GroupKey::BrokenLink => Self::Repeated(Repeated::BrokenLinks),
            GroupKey::ActionCount => Self::ActionCount,
            GroupKey::TimeOnSite => Self::TimeOnSite,
            GroupKey::Visit => Self::Visit,
        }
    }
}

/// A part of a block that is stored and loaded by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnPart {
    /// The ids of the visits.
    Ids,
    /// The local hour in which each visit began.
    Hours,
    /// A measure of each visit, one of [`NUMBERS`].
    Number(Measure),
    /// The flags of each visit, see [`flags`].
    Flags,
    /// The milliseconds from each visit's beginning to its last action or ping; only in blocks of unsealed days.
    Durations,
    /// The dictionary of a column.
    Dictionary(ColumnId),
    /// The dictionary code of each visit, or of each row of a repeated column.
    Codes(ColumnId),
    /// The visits to which the rows of a repeated column belong.
    Offsets(Repeated),
    /// A measure of each conversion, one of [`AMOUNTS`].
    Amount(Measure),
    /// The milliseconds from the beginning of its visit to each row of a repeated column, one of [`TIMED`], limited to 32 bits.
    Time(Repeated),
    /// A web vital of each measurement, plus 1; 0 if it was not measured.
    Vital(Vital),
    /// A number of each click.
    Click(ClickNumber),
    /// A number of each visit's reading of a page.
    Read(ReadNumber),
}

impl ColumnPart {
    /// The whole seconds that each visit lasted.
    pub const SECONDS: Self = Self::Number(Measure::Seconds);
    /// The number of actions of each visit.
    pub const ACTIONS: Self = Self::Number(Measure::Actions);
    const DICTIONARIES: usize = 4 + NUMBERS.len();
    const CODES: usize = Self::DICTIONARIES + DAY_COLUMNS + REPEATED_COLUMNS + 2;
    const OFFSETS: usize = Self::CODES + DAY_COLUMNS + REPEATED_COLUMNS;
    const AMOUNTS: usize = Self::OFFSETS + REPEATED_COLUMNS;
    const TIMES: usize = Self::AMOUNTS + AMOUNTS.len();
    const VITALS: usize = Self::TIMES + TIMED.len();
    const CLICKS: usize = Self::VITALS + Vital::VARIANTS.len();
    const READS: usize = Self::CLICKS + ClickNumber::VARIANTS.len();
    /// The number of parts.
    pub const COUNT: usize = Self::READS + ReadNumber::VARIANTS.len();

    /// Returns the position of the part. It is stored: another order is another format.
    pub fn number(self) -> usize {
        let place = |column: ColumnId| match column {
            ColumnId::Property(property) => property as usize,
            ColumnId::Repeated(bag) => DAY_COLUMNS + bag.number(),
            ColumnId::ActionCount => DAY_COLUMNS + REPEATED_COLUMNS,
            ColumnId::TimeOnSite => DAY_COLUMNS + REPEATED_COLUMNS + 1,
            ColumnId::Visit => unreachable!("single visits have neither keys nor codes"),
        };
        match self {
            Self::Ids => 0,
            Self::Hours => 1,
            Self::Number(measure) => 2 + place_of(&NUMBERS, measure),
            Self::Flags => 2 + NUMBERS.len(),
            Self::Durations => 3 + NUMBERS.len(),
            Self::Dictionary(column) => Self::DICTIONARIES + place(column),
            Self::Codes(column) => Self::CODES + place(column),
            Self::Offsets(bag) => Self::OFFSETS + bag.number(),
            Self::Amount(measure) => Self::AMOUNTS + place_of(&AMOUNTS, measure),
            Self::Time(bag) => Self::TIMES + place_of(&TIMED, bag),
            Self::Vital(vital) => Self::VITALS + vital as usize,
            Self::Click(number) => Self::CLICKS + number as usize,
            Self::Read(number) => Self::READS + number as usize,
        }
    }

    /// Returns the same part of the attribute of the visit's own source, for an attribute of a touch. Where the two are
    /// equal, as without cookies, only that one is stored.
    pub fn untouched(self) -> Option<Self> {
        let own = |column: ColumnId| match column {
            ColumnId::Property(property) if property.touch().is_some() => {
                Some(ColumnId::Property(property.untouched()))
            }
            _ => None,
        };
        match self {
            Self::Dictionary(column) => own(column).map(Self::Dictionary),
            Self::Codes(column) => own(column).map(Self::Codes),
            _ => None,
        }
    }

    /// Iterates over all parts that are stored.
    pub fn stored() -> impl Iterator<Item = Self> {
        let properties = || VisitAttribute::day_columns().map(ColumnId::Property);
        let bags = || Repeated::ALL.into_iter().map(ColumnId::Repeated);
        let keyed = || properties().chain(bags());
        [Self::Ids, Self::Hours]
            .into_iter()
            .chain(NUMBERS.map(Self::Number))
            .chain([Self::Flags])
            .chain(keyed().chain([ColumnId::ActionCount, ColumnId::TimeOnSite]).map(Self::Dictionary))
            .chain(keyed().map(Self::Codes))
            .chain(Repeated::ALL.into_iter().map(Self::Offsets))
            .chain(AMOUNTS.map(Self::Amount))
            .chain(TIMED.map(Self::Time))
            .chain(Vital::VARIANTS.iter().copied().map(Self::Vital))
            .chain(ClickNumber::VARIANTS.iter().copied().map(Self::Click))
            .chain(ReadNumber::VARIANTS.iter().copied().map(Self::Read))
    }
}

/// Returns the place of a measure or a repeated column among those that have a part.
fn place_of<T: PartialEq>(known: &[T], wanted: T) -> usize {
    let place = known.iter().position(|known| *known == wanted);
    place.unwrap_or_else(|| unreachable!("others have no part"))
}
