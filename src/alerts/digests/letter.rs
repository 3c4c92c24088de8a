//! The letter of an e-mail report: its words, as blocks of a letter's body.

use super::composition;
use super::site_report::{Bar, Number, SiteReport, TopList};
use crate::mail::body::{Block, Body, Brand, Chart, ChartColumn, FooterLine, Row, Table, Tile, Tone};
use crate::mail::templates::Letters;
use crate::model::day_text;
use crate::model::metrics::{Metric, NumberUnit};
use crate::model::number_text;
use crate::model::rhythm::{Period, Rhythm};
use crate::reports::comparison::Comparison;
use crate::sites::colour::{self, Colour};
use crate::store::brands;
use crate::store::links::Link;
use crate::store::sites::Site;

/// An e-mail report, ready to be written.
#[derive(Clone, Debug)]
pub struct Report {
    /// The rhythm.
    pub rhythm: Rhythm,
    /// The period.
    pub period: Period,
    /// The reports about its sites.
    pub sites: Vec<SiteReport>,
    /// The guest link that it shows; `None` for a user.
    pub link: Option<Link>,
    /// The brand of a white-labelled report.
    pub brand: Option<Brand>,
}

/// Returns the brand of a letter.
pub fn brand(brand: &brands::Brand) -> Brand {
    let accent = brand.accent.as_deref().and_then(Colour::parse);
    // Without a colour of its own, the letter keeps the usual ones: the layout ignores what is no colour.
    let (color, dark_color) = accent.map_or_else(Default::default, |accent| {
        (colour::darker(accent).to_string(), colour::dark(accent).accent.to_string())
    });
    Brand { name: brand.name.clone(), color, dark_color }
}

impl Report {
    /// Returns the site, or the number of sites.
    fn about(&self) -> String {
        match self.sites.as_slice() {
            [only] => only.site.name.clone(),
            sites => format!("{} sites", sites.len()),
        }
    }

    /// Returns the title without days, such as `Weekly report on Corner Bakery`.
    pub fn title(&self) -> String {
        format!("{} report on {}", self.rhythm.title(), self.about())
    }

    /// Returns the subject.
    pub fn subject(&self) -> String {
        let days = day_text::range(self.period.first, self.period.last);
        format!("{} report: {}, {days}", self.rhythm.title(), self.about())
    }

    /// Returns the body of the letter; `unsubscribe` is the address that ends it, `None` in a preview.
    pub fn body(&self, letters: &Letters, unsubscribe: Option<String>) -> Body {
        let mut body = Body::new(self.subject());
        body.brand.clone_from(&self.brand);
        body.preview = self.sites.first().map(preview).unwrap_or_default();
        for report in &self.sites {
            if self.sites.len() > 1 {
                body.blocks.push(Block::Heading(report.site.name.clone()));
            }
            self.add_site(&mut body, letters, report);
        }
        body = body.note(format!("Changes are compared with {}.", composition::compared(self.rhythm)));
        body.footer.push(self.reason(letters));
        body.unsubscribe = unsubscribe;
        body
    }

    fn add_site(&self, body: &mut Body, letters: &Letters, report: &SiteReport) {
        if let Some(change) = &report.change {
            body.blocks.push(Block::Text(change.clone()));
        }
        if !report.numbers.is_empty() {
            body.blocks.push(Block::Tiles(report.numbers.iter().map(tile).collect()));
        }
        if report.chart.iter().any(|bar| bar.value > 0) {
            body.blocks.push(Block::Chart(self.chart(&report.chart)));
        }
        body.blocks.extend(report.lists.iter().map(|list| Block::Table(table(list))));
        if !report.annotations.is_empty() {
            body.blocks.push(Block::Heading("Annotations".into()));
            let line = |(day, text): &(_, String)| {
                format!("{} {}: {text}", day_text::weekday(*day), day_text::short(*day))
            };
            body.blocks.extend(report.annotations.iter().map(|note| Block::Text(line(note))));
        }
        let label = if self.link.is_some() { "Open the reports" } else { "Open the dashboard" };
        body.blocks.push(Block::Button {
            label: label.into(),
            address: letters.address(&self.path(&report.site)),
            shows_address: false,
        });
    }

    /// Returns the path of the screen that shows the same days: by the guest link, if there is one.
    fn path(&self, site: &Site) -> String {
        let base = match &self.link {
            Some(link) => format!("/s/{}", link.token.expose()),
            None => format!("/sites/{}", site.id),
        };
        let (first, last) = (self.period.first, self.period.last);
        let date = match self.rhythm {
            Rhythm::Daily => first.to_string(),
            Rhythm::Weekly => format!("{first},{last}"),
            // A whole month is compared with the whole month before.
            Rhythm::Monthly => first.to_string().chars().take("2026-11".len()).collect(),
        };
        match composition::comparison(self.rhythm) {
            Comparison::Weekdays => format!("{base}?date={date}&compare=weekdays"),
            _ => format!("{base}?date={date}"),
        }
    }

    fn chart(&self, bars: &[Bar]) -> Chart {
        let highest = bars.iter().map(|bar| bar.value).max().unwrap_or(0);
        let column = |bar: &Bar| ChartColumn {
            label: bar.label.clone(),
            title: bar.title.clone(),
            value: number_text::grouped(bar.value),
            percent: percent(bar.value, highest),
        };
        let title = if self.rhythm == Rhythm::Daily { "Visits by hour" } else { "Visits by day" };
        Chart { title: title.into(), columns: bars.iter().map(column).collect() }
    }

    /// Returns the line that says why the recipient gets this.
    fn reason(&self, letters: &Letters) -> FooterLine {
        let when = self.rhythm.when();
        match (&self.link, &self.brand) {
            (None, _) => FooterLine {
                text: format!("You get this report {when}."),
                link: Some(("Change or pause it".into(), letters.address("/account/digests"))),
            },
            (Some(_), Some(brand)) => {
                FooterLine { text: format!("{} sends you this report {when}.", brand.name), link: None }
            }
            (Some(_), None) => {
                FooterLine { text: format!("You confirmed that you want this report {when}."), link: None }
            }
        }
    }
}

/// Returns the line beside the subject.
fn preview(report: &SiteReport) -> String {
    let numbers = report.numbers.iter().take(2);
    let numbers = numbers.map(|number| format!("{}: {}", number.report.title, value(number)));
    report.change.clone().unwrap_or_else(|| numbers.collect::<Vec<_>>().join(", "))
}

fn value(number: &Number) -> String {
    number_text::exact(number.unit, number.now)
}

/// Returns a share of the highest value, in per cent.
fn percent(value: i64, highest: i64) -> u8 {
    let percent = value.saturating_mul(100).checked_div(highest).unwrap_or(0);
    u8::try_from(percent.clamp(0, 100)).unwrap_or(0)
}

fn tone(now: i64, before: i64, is_less_better: bool) -> Tone {
    match now.cmp(&before) {
        std::cmp::Ordering::Equal => Tone::Neutral,
        order if (order == std::cmp::Ordering::Greater) == is_less_better => Tone::Bad,
        _ => Tone::Good,
    }
}

fn tile(number: &Number) -> Tile {
    let change = number.before.and_then(|before| number_text::change(number.unit, number.now, before));
    let is_less_better = number.metric.is_less_better();
    Tile {
        label: number.report.title.to_owned(),
        value: value(number),
        tone: match (&change, number.before) {
            (Some(_), Some(before)) => tone(number.now, before, is_less_better),
            _ => Tone::Neutral,
        },
        change: change.unwrap_or_default(),
    }
}

/// Returns the title of a list's numbers.
fn noun(list: &TopList) -> &'static str {
    match list.report.name {
        "pages" => "Views",
        "goals" => Metric::Conversions.column().map_or("Conversions", |column| column.title),
        "pages-not-found" => "Times",
        _ => "Visits",
    }
}

fn table(list: &TopList) -> Table {
    let highest = list.rows.iter().map(|row| row.now).max().unwrap_or(0);
    let is_less_better = list.report.name == "pages-not-found";
    let rows = list.rows.iter().map(|row| {
        let change = row.before.and_then(|before| number_text::change(NumberUnit::Count, row.now, before));
        Row {
            tone: match (&change, row.before) {
                (Some(_), Some(before)) => tone(row.now, before, is_less_better),
                _ => Tone::Neutral,
            },
            cells: vec![
                row.name.clone(),
                number_text::grouped(row.now),
                change.unwrap_or_else(|| if row.before == Some(0) { "new".into() } else { String::new() }),
            ],
            link: None,
            percent: Some(percent(row.now, highest)),
        }
    });
    Table {
        columns: vec![list.report.title.to_owned(), noun(list).to_owned(), "Change".to_owned()],
        rows: rows.collect(),
    }
}
