//! The body of a letter, block by block, before its layout. Knows nothing of HTML and of who gets the letter.

/// The body of a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The subject, which is also the heading.
    pub subject: String,
    /// The line that mail programs show beside the subject in their list; empty for the beginning of the text.
    pub preview: String,
    /// The brand of a white-labelled letter, in place of this program's.
    pub brand: Option<Brand>,
    /// The contents, from top to bottom.
    pub blocks: Vec<Block>,
    /// Why the receiver gets this letter, below it: one line each.
    pub footer: Vec<FooterLine>,
    /// The full address that ends letters of this kind with one click; shown below the letter, and in its headers.
    pub unsubscribe: Option<String>,
}

/// The brand of a white-labelled letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// The name.
    pub name: String,
    /// The color of buttons and bars, as `#rrggbb`; white text on it must be readable.
    pub color: String,
    /// The color in dark mode, as `#rrggbb`; dark text on it must be readable.
    pub dark_color: String,
}

/// A block of a letter's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading within the letter.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A paragraph in small gray letters.
    Note(String),
    /// A button that opens an address; `shows_address` also writes it out, for mail programs without buttons.
    Button {
        /// The label.
        label: String,
        /// The full address.
        address: String,
        /// True for an address that people may have to copy.
        shows_address: bool,
    },
    /// Numbers side by side.
    Tiles(Vec<Tile>),
    /// A table.
    Table(Table),
    /// A chart of columns, drawn with a table: its values from left to right.
    Chart(Chart),
}

/// A number with its label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tile {
    /// The label.
    pub label: String,
    /// The number, formatted.
    pub value: String,
    /// The change, formatted, such as `+12%`; empty for none.
    pub change: String,
    /// The meaning of the change.
    pub tone: Tone,
}

/// The meaning of a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    #[default]
    Neutral,
    /// Good.
    Good,
    /// Bad.
    Bad,
}

/// A table: the first column is text, the others are numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The titles of the columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The cells, as many as there are columns.
    pub cells: Vec<String>,
    /// The full address that the first cell links to.
    pub link: Option<String>,
    /// The length of the bar below the first cell, in percent; `None` for no bar.
    pub percent: Option<u8>,
    /// The meaning of the last cell, if it is a change.
    pub tone: Tone,
}

/// A chart of columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chart {
    /// The metric that it shows, such as `Visitors per day`.
    pub title: String,
    /// The columns.
    pub columns: Vec<ChartColumn>,
}

/// A column of a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChartColumn {
    /// The label below, such as `Mon`; may be empty where there is no room.
    pub label: String,
    /// The label as text, such as `Mon, Nov 23`.
    pub title: String,
    /// The number, formatted.
    pub value: String,
    /// The height, in percent of the highest column.
    pub percent: u8,
}

/// A line below a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FooterLine {
    /// The text.
    pub text: String,
    /// The label and the full address of a link after it.
    pub link: Option<(String, String)>,
}

impl Body {
    /// Returns an empty body with a subject.
    pub fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), ..Self::default() }
    }

    /// Adds a block.
    #[must_use]
    pub fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.with(Block::Text(text.into()))
    }

    /// Adds a paragraph in small gray letters.
    #[must_use]
    pub fn note(self, text: impl Into<String>) -> Self {
        self.with(Block::Note(text.into()))
    }

    /// Adds a button, with its address written out.
    #[must_use]
    pub fn button(self, label: impl Into<String>, address: impl Into<String>) -> Self {
        self.with(Block::Button { label: label.into(), address: address.into(), shows_address: true })
    }
}
