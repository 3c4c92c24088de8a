//! The plain text of a letter, for mail programs that show no HTML and for people who prefer it.

use super::body::{Block, Body, Chart, Table, Tile};

/// The characters of the longest bar.
const BAR: usize = 20;
/// The characters of a table's first column; longer ones are cut.
const FIRST_COLUMN: usize = 44;

/// Returns the text of a letter; `sender` is the line that says which server sent it.
pub(super) fn render(body: &Body, sender: &str) -> String {
    let mut parts: Vec<String> = body.blocks.iter().map(block).collect();
    let mut footer = vec!["-- ".to_owned()];
    for line in &body.footer {
        footer.push(match &line.link {
            Some((label, address)) => format!("{}\n{label}: {address}", line.text).trim_start().to_owned(),
            None => line.text.clone(),
        });
    }
    if let Some(address) = &body.unsubscribe {
        footer.push(format!("Unsubscribe: {address}"));
    }
    footer.push(sender.to_owned());
    parts.push(footer.join("\n"));
    format!("{}\n", parts.join("\n\n"))
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(text) => format!("{text}\n{}", "-".repeat(text.chars().count())),
        Block::Text(text) | Block::Note(text) => text.clone(),
        Block::Button { label, address, .. } => format!("{label}:\n{address}"),
        Block::Tiles(tiles) => self::tiles(tiles),
        Block::Table(table) => self::table(table),
        Block::Chart(chart) => self::chart(chart),
    }
}

fn tiles(tiles: &[Tile]) -> String {
    let width = longest(tiles.iter().map(|tile| tile.label.as_str()));
    let lines = tiles.iter().map(|tile| {
        let change = if tile.change.is_empty() { String::new() } else { format!(" ({})", tile.change) };
        format!("{}  {}{change}", padded(&tile.label, width), tile.value)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn table(table: &Table) -> String {
    let widths: Vec<usize> = (0..table.columns.len())
        .map(|column| {
            let cells = table.rows.iter().filter_map(|row| row.cells.get(column));
            let width = longest(cells.chain([&table.columns[column]]).map(String::as_str));
            if column == 0 { width.min(FIRST_COLUMN) } else { width }
        })
        .collect();
    let line = |cells: &[String]| {
        let cells = cells.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { padded(&cut(cell, *width), *width) } else { aligned_right(cell, *width) }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let lines = [line(&table.columns)].into_iter().chain(table.rows.iter().map(|row| line(&row.cells)));
    lines.collect::<Vec<_>>().join("\n")
}

fn chart(chart: &Chart) -> String {
    let titles = longest(chart.columns.iter().map(|column| column.title.as_str()));
    let values = longest(chart.columns.iter().map(|column| column.value.as_str()));
    let lines = chart.columns.iter().map(|column| {
        let bar = "#".repeat((usize::from(column.percent.min(100)) * BAR).div_ceil(100));
        let (title, value) = (padded(&column.title, titles), aligned_right(&column.value, values));
        format!("{title}  {value}  {bar}").trim_end().to_owned()
    });
    format!("{}\n{}", chart.title, lines.collect::<Vec<_>>().join("\n"))
}

fn longest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or(0)
}

fn padded(text: &str, width: usize) -> String {
    format!("{text:<width$}")
}

fn aligned_right(text: &str, width: usize) -> String {
    format!("{text:>width$}")
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::super::body::{ChartColumn, FooterLine, Row, Tone};
    use super::*;

    #[test]
    fn numbers_stand_below_each_other_in_plain_text() {
        let row = |name: &str, count: &str| Row { cells: vec![name.into(), count.into()], ..Row::default() };
        let long = "/a/very/long/path/that/nobody/wants/to/read/to/its/end";
        let tile = |label: &str, change: &str| Tile {
            label: label.into(),
            value: "1,234".into(),
            change: change.into(),
            tone: Tone::Good,
        };
        let day = |title: &str, value: &str, percent| ChartColumn {
            label: String::new(),
            title: title.into(),
            value: value.into(),
            percent,
        };
        let mut body = Body::new("Weekly report")
            .with(Block::Tiles(vec![tile("Visitors", "+12%"), tile("Actions", "")]))
            .with(Block::Table(Table {
                columns: vec!["Page".into(), "Visitors".into()],
                rows: vec![row("/", "1,024"), row(long, "7")],
            }))
            .with(Block::Chart(Chart {
                title: "Visitors per day".into(),
                columns: vec![day("Mon, Nov 23", "120", 100), day("Tue, Nov 24", "9", 8)],
            }))
            .button("Open the dashboard", "https://stats.example/sites/1");
        body.footer.push(FooterLine { text: "You get this every Monday.".into(), link: None });
        body.unsubscribe = Some("https://stats.example/unsubscribe/1".into());
        let expected = "\
Visitors  1,234 (+12%)
Actions   1,234

Page                                          Visitors
/                                                1,024
/a/very/long/path/that/nobody/wants/to/read…         7

Visitors per day
Mon, Nov 23  120  ####################
Tue, Nov 24    9  ##

Open the dashboard:
https://stats.example/sites/1

-- 
You get this every Monday.
Unsubscribe: https://stats.example/unsubscribe/1
Sent by Clickstead at https://stats.example.
";
        assert_eq!(render(&body, "Sent by Clickstead at https://stats.example."), expected);
    }
}
