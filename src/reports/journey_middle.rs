//! The middle of a journey as people and programs name it, by the parameters `of` and `around`.

use super::catalogue;
use super::data_reader::DataReader;
use super::date_range::DateRange;
use super::query::{JourneyMiddle, Query, TableWant, Wants};
use super::table_query::TableQuery;
use crate::error::{Error, Result};
use crate::store::goals;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The parameter that says what the middle is.
pub const OF: &str = "of";
/// The parameter that names it.
pub const AROUND: &str = "around";

/// A kind of middle, by its name in parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, VariantArray, IntoStaticStr, EnumString)]
#[strum(serialize_all = "lowercase")]
pub enum MiddleKind {
    /// A page.
    #[default]
    Page,
    /// A goal.
    Goal,
    /// An event.
    Event,
}

impl MiddleKind {
    /// Returns the name in parameters.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Reads the value of [`OF`]; a page if there is none.
    ///
    /// # Errors
    /// Fails with [`Error::Invalid`] for another text.
    pub fn read(text: Option<&str>) -> Result<Self> {
        match text.filter(|text| !text.is_empty()) {
            None => Ok(Self::default()),
            Some(text) => text.parse().map_err(|_| Error::invalid(OF, "Write page, goal or event.")),
        }
    }
}

/// The middle of a journey, with its name for people.
#[derive(Clone, Debug)]
pub struct NamedMiddle {
    /// The kind.
    pub kind: MiddleKind,
    /// The name: of a goal its own one.
    pub name: String,
    /// The middle.
    pub middle: JourneyMiddle,
}

impl NamedMiddle {
    /// Returns the middle that is a page.
    pub fn page(name: &str) -> Self {
        Self { kind: MiddleKind::Page, name: name.to_owned(), middle: JourneyMiddle::Page(name.to_owned()) }
    }
}

/// Finds the middle that parameters name; without one the most viewed page, of the comparison period if the range has none, and
/// `None` if no page was viewed in either.
///
/// # Errors
/// Fails with [`Error::Forbidden`] for a hidden goal, with [`Error::Invalid`] for a goal that is not there, and when the data
/// cannot be read.
pub fn find(
    reader: &DataReader<'_>,
    query: &Query,
    kind: MiddleKind,
    around: Option<&str>,
) -> Result<Option<NamedMiddle>> {
    let around = around.map(str::trim).filter(|around| !around.is_empty());
    let named = |name: &str, middle| Ok(Some(NamedMiddle { kind, name: name.to_owned(), middle }));
    match (kind, around) {
        (MiddleKind::Page, Some(page)) => Ok(Some(NamedMiddle::page(page))),
        (MiddleKind::Page, None) => {
            let earlier = query.comparison.map(|comparison| comparison.period(query.range));
            for range in [Some(query.range), earlier].into_iter().flatten() {
                if let Some(page) = most_viewed(reader, query, range)? {
                    return Ok(Some(NamedMiddle::page(&page)));
                }
            }
            Ok(None)
        }
        (MiddleKind::Event, Some(event)) => named(event, JourneyMiddle::Event(event.to_owned())),
        (MiddleKind::Goal, Some(name)) => {
            if !query.visibility.shows_conversions() {
                return Err(Error::Forbidden);
            }
            let found = goals::find_named(reader.connection, query.site.id, name)?;
            let found = found.filter(|goal| goal.removed_at.is_none());
            let missing = || Error::invalid(AROUND, format!("There's no goal “{name}”. Choose another one."));
            let goal = found.ok_or_else(missing)?;
            named(&goal.settings.name, JourneyMiddle::Goal(goal.id))
        }
        (MiddleKind::Event, None) => Err(Error::invalid(AROUND, "Name the event.")),
        (MiddleKind::Goal, None) => Err(Error::invalid(AROUND, "Choose the goal.")),
    }
}

/// Returns the most viewed page of a range; `None` if no page was viewed.
fn most_viewed(reader: &DataReader<'_>, query: &Query, range: DateRange) -> Result<Option<String>> {
    let dimension = catalogue::pages();
    let table = TableWant { dimension, table: TableQuery::top(dimension, 1), is_brief: true };
    let wants = Wants { tables: vec![table], ..Wants::default() };
    let query = Query { range, comparison: None, visits_alone: true, ..query.with(wants) };
    let top = reader.run(&query)?.tables.into_iter().next().unwrap_or_default();
    Ok(top.rows.into_iter().next().map(|row| row.name.filter))
}
