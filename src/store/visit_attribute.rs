//! The table of visit attributes. Each row names a column of `visits` or of an interned table that visits point to; the
//! rows of interned tables, the clean-up of labels, the columns of a day, exported sites and filters are made from it.

use super::interned_table::InternedTable;
use InternedTable::{Machines, Places, Sources};

/// The values of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeKind {
    /// The label of a page of the site, under any of its spellings.
    Page,
    /// The label of a text.
    Text,
    /// A code of our own.
    Code,
    /// The id of a visitor.
    Visitor,
    /// A coordinate, by which visits are neither grouped nor filtered.
    Coordinate,
}

struct Row {
    attribute: VisitAttribute,
    table: Option<InternedTable>,
    column: &'static str,
    kind: AttributeKind,
    parameter: Option<&'static str>,
}

macro_rules! parameter {
    () => {
        None
    };
    ($name:literal) => {
        Some($name)
    };
}

macro_rules! attributes {
    ($($(#[$about:meta])* $name:ident = $table:expr, $column:literal, $kind:ident $(, $parameter:literal)?;)*) => {
        /// An attribute of a visit. The number of one with a column of the day is stored with blocks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum VisitAttribute {
            $($(#[$about])* $name,)*
        }

        const ROWS: &[Row] = &[$(Row {
            attribute: VisitAttribute::$name,
            table: $table,
            column: $column,
            kind: AttributeKind::$kind,
            parameter: parameter!($($parameter)?),
        }),*];
    };
}

// The attribute, the interned table whose row has it (`None`: the visit's own row), the column, the kind of values, and the
// parameter of a beacon that holds it as it is.
// A new attribute goes before the coordinates.
attributes! {
    /// The first page of the visit.
    Landing = None, "landing", Page;
    /// The last page of the visit.
    Exit = None, "exit", Page;
    /// The channel's code.
    Channel = Some(Sources), "channel", Code;
    /// The referring URL; as a column of a day without those of search engines and of the site itself.
    Link = Some(Sources), "referrer", Text;
    /// The domain of the referring URL.
    LinkDomain = Some(Sources), "referrer_domain", Text;
    /// The search terms.
    Terms = Some(Sources), "search_terms", Text;
    /// The name of the referring service; as a column of a day the search engine.
    Engine = Some(Sources), "referrer_name", Text;
    /// The name of the campaign.
    Campaign = Some(Sources), "campaign", Text;
    /// The source of the campaign.
    CampaignSource = Some(Sources), "campaign_source", Text;
    /// The medium of the campaign.
    CampaignMedium = Some(Sources), "campaign_medium", Text;
    /// The term of the campaign.
    CampaignTerm = Some(Sources), "campaign_term", Text;
    /// The content of the campaign.
    CampaignContent = Some(Sources), "campaign_content", Text;
    /// The browser with its version.
    Browser = Some(Machines), "browser", Text;
    /// The operating system with its version.
    System = Some(Machines), "system", Text;
    /// The code of the device type.
    DeviceType = Some(Machines), "device_type", Code;
    /// The screen resolution.
    Screen = Some(Machines), "screen", Text, "res";
    /// The language tag.
    Language = Some(Machines), "language", Text, "lang";
    /// The country code of two letters.
    Country = Some(Places), "country", Text;
    /// The region; as a column of a day the pair of country and region.
    Region = Some(Places), "region", Text;
    /// The city; as a column of a day the pair of country and city.
    City = Some(Places), "city", Text;
    /// The operator of the visitor's network.
    Organization = Some(Places), "organization", Text;
    /// The hostname of the IP address.
    Hostname = None, "hostname", Text;
    /// The visitor's id.
    Visitor = None, "visitor_id", Visitor;
    /// The latitude, in the units of a `GeoPoint`.
    Latitude = Some(Places), "latitude", Coordinate;
    /// The longitude, in the units of a `GeoPoint`.
    Longitude = Some(Places), "longitude", Coordinate;
}

/// The number of attributes.
pub const ATTRIBUTES: usize = ROWS.len();
/// The number of attributes with a column of the day: all but the coordinates, which come last.
pub const DAY_COLUMNS: usize = VisitAttribute::Latitude as usize;

impl VisitAttribute {
    /// Iterates over all attributes, in the order of their numbers.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        ROWS.iter().map(|row| row.attribute)
    }

    /// Iterates over the attributes with a column of the day, in the order of their numbers.
    pub fn day_columns() -> impl ExactSizeIterator<Item = Self> {
        Self::all().take(DAY_COLUMNS)
    }

    /// Iterates over the attributes in a table; `None` stands for the visit's own row.
    pub fn of_table(table: Option<InternedTable>) -> impl Iterator<Item = Self> {
        Self::all().filter(move |attribute| attribute.table() == table)
    }

    /// Returns the interned table whose row has the attribute; `None` for the visit's own row.
    pub fn table(self) -> Option<InternedTable> {
        ROWS[self as usize].table
    }

    /// Returns the name of the column.
    pub fn column(self) -> &'static str {
        ROWS[self as usize].column
    }

    /// Returns the kind of its values.
    pub fn kind(self) -> AttributeKind {
        ROWS[self as usize].kind
    }

    /// Returns the parameter of a beacon that holds the text; `None` for an attribute that is found out.
    pub fn parameter(self) -> Option<&'static str> {
        ROWS[self as usize].parameter
    }

    /// Finds the attribute that a parameter of a beacon holds.
    pub fn of_parameter(name: &str) -> Option<Self> {
        Self::all().find(|attribute| attribute.parameter() == Some(name))
    }

    /// Returns true if its values are labels.
    pub fn is_label(self) -> bool {
        matches!(self.kind(), AttributeKind::Page | AttributeKind::Text)
    }

    /// Returns the column with its table, in a query with [`JOINS`].
    pub fn expression(self) -> String {
        format!("{}.{}", self.table().map_or("visits", InternedTable::table), self.column())
    }
}

/// The joins that add the interned tables to a query of visits.
pub const JOINS: &str = "left join sources on sources.id = visits.source
  left join machines on machines.id = visits.machine
  left join places on places.id = visits.place";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_stand_at_their_numbers_and_coordinates_come_last() {
        for (place, attribute) in VisitAttribute::all().enumerate() {
            assert_eq!(attribute as usize, place, "{attribute:?}");
            assert_eq!(attribute.kind() == AttributeKind::Coordinate, place >= DAY_COLUMNS, "{attribute:?}");
        }
    }

    #[test]
    fn every_column_of_the_tables_of_attributes_is_one() {
        let connection = crate::store::scratch().unwrap();
        for table in [Sources, Machines, Places] {
            let sql = format!("select name from pragma_table_info('{}') where name <> 'id'", table.table());
            let mut question = connection.prepare(&sql).unwrap();
            let columns = question.query_map([], |row| row.get(0)).unwrap();
            let mut columns: Vec<String> = columns.map(Result::unwrap).collect();
            let mut listed: Vec<_> =
                VisitAttribute::of_table(Some(table)).map(VisitAttribute::column).collect();
            columns.sort_unstable();
            listed.sort_unstable();
            assert_eq!(listed, columns);
        }
    }
}
