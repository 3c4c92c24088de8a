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

/// A touch: a visit whose source is credited with a later visit of the same visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// The visitor's first visit in [`crate::limits::STICKY_DAYS`] days from elsewhere.
    First,
    /// The visitor's last visit from elsewhere, if the visit itself is direct.
    Last,
}

/// The row of which an attribute is a column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Home {
    /// The visit's own.
    Own,
    /// A row of an interned table to which the visit points.
    Shared(InternedTable),
    /// The source of a touch, or the visit's own source where it is the same.
    Touched(Touch),
}
use Home::{Own, Shared, Touched};

struct Row {
    attribute: VisitAttribute,
    home: Home,
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
    ($($(#[$about:meta])* $name:ident = $home:expr, $column:literal, $kind:ident $(, $parameter:literal)?;)*) => {
        /// An attribute of a visit. The number of one with a column of the day is stored with blocks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum VisitAttribute {
            $($(#[$about])* $name,)*
        }

        const ROWS: &[Row] = &[$(Row {
            attribute: VisitAttribute::$name,
            home: $home,
            column: $column,
            kind: AttributeKind::$kind,
            parameter: parameter!($($parameter)?),
        }),*];
    };
}

// The attribute, the row that has it, the column, the kind of values, and the parameter of a beacon that holds it as it is.
// A new attribute goes before the coordinates.
attributes! {
    /// The first page of the visit.
    Landing = Own, "landing", Page;
    /// The last page of the visit.
    Exit = Own, "exit", Page;
    /// The channel's code.
    Channel = Shared(Sources), "channel", Code;
    /// The referring URL; as a column of a day without those of search engines and of the site itself.
    Link = Shared(Sources), "referrer", Text;
    /// The domain of the referring URL.
    LinkDomain = Shared(Sources), "referrer_domain", Text;
    /// The search terms.
    Terms = Shared(Sources), "search_terms", Text;
    /// The name of the referring service; as a column of a day the search engine.
    Engine = Shared(Sources), "referrer_name", Text;
    /// The name of the campaign.
    Campaign = Shared(Sources), "campaign", Text;
    /// The source of the campaign.
    CampaignSource = Shared(Sources), "campaign_source", Text;
    /// The medium of the campaign.
    CampaignMedium = Shared(Sources), "campaign_medium", Text;
    /// The term of the campaign.
    CampaignTerm = Shared(Sources), "campaign_term", Text;
    /// The content of the campaign.
    CampaignContent = Shared(Sources), "campaign_content", Text;
    /// The browser with its version.
    Browser = Shared(Machines), "browser", Text;
    /// The operating system with its version.
    System = Shared(Machines), "system", Text;
    /// The code of the device type.
    DeviceType = Shared(Machines), "device_type", Code;
    /// The screen resolution.
    Screen = Shared(Machines), "screen", Text, "res";
    /// The language tag.
    Language = Shared(Machines), "language", Text, "lang";
    /// The country code of two letters.
    Country = Shared(Places), "country", Text;
    /// The region; as a column of a day the pair of country and region.
    Region = Shared(Places), "region", Text;
    /// The city; as a column of a day the pair of country and city.
    City = Shared(Places), "city", Text;
    /// The operator of the visitor's network.
    Organization = Shared(Places), "organization", Text;
    /// The hostname of the IP address.
    Hostname = Own, "hostname", Text;
    /// The visitor's id.
    Visitor = Own, "visitor_id", Visitor;
    /// The channel's code of the first touch.
    FirstChannel = Touched(Touch::First), "channel", Code;
    /// The domain of the referring URL of the first touch.
    FirstDomain = Touched(Touch::First), "referrer_domain", Text;
    /// The name of the campaign of the first touch.
    FirstCampaign = Touched(Touch::First), "campaign", Text;
    /// The channel's code of the last touch.
    LastChannel = Touched(Touch::Last), "channel", Code;
    /// The domain of the referring URL of the last touch.
    LastDomain = Touched(Touch::Last), "referrer_domain", Text;
    /// The name of the campaign of the last touch.
    LastCampaign = Touched(Touch::Last), "campaign", Text;
    /// The latitude, in the units of a `GeoPoint`.
    Latitude = Shared(Places), "latitude", Coordinate;
    /// The longitude, in the units of a `GeoPoint`.
    Longitude = Shared(Places), "longitude", Coordinate;
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

    /// Iterates over the attributes in a table; `None` stands for the visit's own row. Those of touches are in none.
    pub fn of_table(table: Option<InternedTable>) -> impl Iterator<Item = Self> {
        let home = table.map_or(Own, Shared);
        Self::all().filter(move |attribute| ROWS[*attribute as usize].home == home)
    }

    /// Returns the interned table whose row has the attribute; `None` for the visit's own row, and for touches.
    pub fn table(self) -> Option<InternedTable> {
        match ROWS[self as usize].home {
            Shared(table) => Some(table),
            Own | Touched(_) => None,
        }
    }

    /// Returns the touch whose source has the attribute; `None` for an attribute of the visit itself.
    pub fn touch(self) -> Option<Touch> {
        match ROWS[self as usize].home {
            Touched(touch) => Some(touch),
            Own | Shared(_) => None,
        }
    }

    /// Returns the attribute of the visit's own source that an attribute of a touch stands for; itself for others.
    pub fn untouched(self) -> Self {
        let is_same = |known: &Self| known.table() == Some(Sources) && known.column() == self.column();
        self.touch().and_then(|_| Self::all().find(is_same)).unwrap_or(self)
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
        let column = self.column();
        match ROWS[self as usize].home {
            Own => format!("visits.{column}"),
            Shared(table) => format!("{}.{column}", table.table()),
            Touched(Touch::First) => format!("coalesce(first_touch.{column}, sources.{column})"),
            Touched(Touch::Last) => format!("coalesce(last_touch.{column}, sources.{column})"),
        }
    }
}

/// The joins that add the interned tables to a query of visits.
pub const JOINS: &str = "left join sources on sources.id = visits.source
  left join machines on machines.id = visits.machine
  left join places on places.id = visits.place
  left join sources as first_touch on first_touch.id = visits.first_source
  left join sources as last_touch on last_touch.id = visits.last_source";

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
    fn each_attribute_of_a_touch_stands_for_one_of_the_visits_own_source() {
        let touched: Vec<_> = VisitAttribute::day_columns().filter(|one| one.touch().is_some()).collect();
        assert_eq!(touched.len(), 6);
        for attribute in touched {
            let own = attribute.untouched();
            assert_eq!((own.table(), own.touch()), (Some(Sources), None), "{attribute:?}");
            assert!((own as usize) < attribute as usize && own.kind() == attribute.kind());
        }
        assert_eq!(VisitAttribute::Link.untouched(), VisitAttribute::Link);
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
