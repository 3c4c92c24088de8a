//! The HTML of a letter as mail programs show it: tables and inline styles, nothing to load, light and dark. Programs that know
//! `prefers-color-scheme` take the dark colors from the style sheet; the others keep the inline ones.

use super::body::{Block, Body, Brand, Chart, Table, Tile, Tone};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The color of buttons and bars without a brand, and in dark mode.
const ACCENT: (&str, &str) = ("#2456c8", "#8fb0ff");
/// The height of a chart in pixels.
const CHART_HEIGHT: u32 = 96;

const FONT: &str = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const MUTED: &str = "color:#565c68;font-size:14px;line-height:1.45";
const CELL: &str = "padding:8px 0;border-bottom:1px solid #e6e8ed;vertical-align:top";

/// Returns the HTML page of a letter; `sender` is the line that says which server sent it.
pub(super) fn render(body: &Body, sender: &str) -> String {
    let (accent, dark) = body.brand.as_ref().map_or(ACCENT, colors);
    let preview = if body.preview.is_empty() { first_text(body) } else { &body.preview };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="supported-color-schemes" content="light dark";
                title { (body.subject) }
                style { (PreEscaped(style_sheet(dark))) }
            }
            body.page style={ "margin:0;padding:0;background:#f3f4f7;color:#16181d;font-size:16px;line-height:1.5;" (FONT) } {
                div style="display:none;max-height:0;overflow:hidden" { (preview) }
                table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse" {
                    tr {
                        td.outer align="center" style="padding:24px 12px" {
                            table.card role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;border-collapse:separate;background:#ffffff;border:1px solid #dfe2e8;border-radius:8px" {
                                tr {
                                    td.inner style="padding:28px" {
                                        @if let Some(brand) = &body.brand { p.muted style={ "margin:0 0 8px;font-weight:600;" (MUTED) } { (brand.name) } }
                                        h1 style="margin:0 0 16px;font-size:22px;line-height:1.3" { (body.subject) }
                                        @for block in &body.blocks { (self::block(block, accent)) }
                                    }
                                }
                            }
                            (footer(body, sender))
                        }
                    }
                }
            }
        }
    };
    page.into_string()
}

fn footer(body: &Body, sender: &str) -> Markup {
    html! {
        table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px" {
            tr {
                td.muted align="left" style="padding:16px 12px;color:#565c68;font-size:13px;line-height:1.5" {
                    @for line in &body.footer {
                        div {
                            (line.text)
                            @if let Some((label, address)) = &line.link { " " a.muted href=(address) style="color:#565c68" { (label) } }
                        }
                    }
                    @if let Some(address) = &body.unsubscribe {
                        div { a.muted href=(address) style="color:#565c68" { "Unsubscribe" } }
                    }
                    div { (sender) }
                }
            }
        }
    }
}

fn block(block: &Block, accent: &str) -> Markup {
    match block {
        Block::Heading(text) => {
            html! { h2 style="margin:28px 0 8px;font-size:17px;line-height:1.3" { (text) } }
        }
        Block::Text(text) => html! { p style="margin:0 0 14px" { (text) } },
        Block::Note(text) => html! { p.muted style={ "margin:0 0 14px;" (MUTED) } { (text) } },
        Block::Button { label, address, shows_address } => html! {
            p style="margin:22px 0" {
                a.button href=(address) style={ "display:inline-block;padding:11px 20px;border-radius:6px;background:" (accent) ";color:#ffffff;text-decoration:none;font-weight:600" } { (label) }
            }
            @if *shows_address {
                p.muted style={ "margin:0 0 14px;word-break:break-all;" (MUTED) } {
                    "Or open this address: " a.muted href=(address) style="color:#565c68" { (address) }
                }
            }
        },
        Block::Tiles(tiles) => self::tiles(tiles),
        Block::Table(table) => self::table(table, accent),
        Block::Chart(chart) => self::chart(chart, accent),
    }
}

fn tiles(tiles: &[Tile]) -> Markup {
    html! {
        div style="margin:0 0 14px;font-size:0" {
            @for tile in tiles {
                div.tile style="display:inline-block;width:50%;max-width:180px;min-width:120px;vertical-align:top;padding:0 0 14px;font-size:16px" {
                    div.muted style={ (MUTED) } { (tile.label) }
                    div style="font-size:24px;line-height:1.3;font-weight:600" { (tile.value) }
                    @if !tile.change.is_empty() { (change(&tile.change, tile.tone)) }
                }
            }
        }
    }
}

fn change(text: &str, tone: Tone) -> Markup {
    let (class, color) = match tone {
        Tone::Neutral => ("muted", "#565c68"),
        Tone::Good => ("good", "#0a6b3a"),
        Tone::Bad => ("bad", "#b3261e"),
    };
    html! { span class=(class) style={ "font-size:14px;color:" (color) } { (text) } }
}

fn table(table: &Table, accent: &str) -> Markup {
    let last = table.columns.len().saturating_sub(1);
    html! {
        table.data width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 18px;border-collapse:collapse;font-size:15px" {
            tr {
                @for (number, title) in table.columns.iter().enumerate() {
                    th.muted.line scope="col" align=(if number == 0 { "left" } else { "right" }) style={ (CELL) ";" (MUTED) ";font-weight:400;white-space:nowrap;" (if number == 0 { "" } else { "padding-left:12px" }) } { (title) }
                }
            }
            @for row in &table.rows {
                tr {
                    @for (number, cell) in row.cells.iter().enumerate() {
                        @if number == 0 {
                            td.line width="100%" style={ (CELL) ";word-break:break-word" } {
                                @if let Some(address) = &row.link { a.link href=(address) style={ "text-decoration:none;color:" (accent) } { (cell) } } @else { (cell) }
                                @if let Some(percent) = row.percent { (bar(percent, accent)) }
                            }
                        } @else {
                            td.line align="right" style={ (CELL) ";padding-left:12px;white-space:nowrap" } {
                                @if number == last && row.tone != Tone::Neutral { (change(cell, row.tone)) } @else { (cell) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Returns a horizontal bar, which is a table, since mail programs show no pictures by themselves.
fn bar(percent: u8, accent: &str) -> Markup {
    let percent = percent.min(100);
    html! {
        table.track role="presentation" aria-hidden="true" width="100%" cellpadding="0" cellspacing="0" style="margin-top:5px;border-collapse:collapse;background:#e6e8ed" {
            tr {
                @if percent > 0 { td.bar width={ (percent) "%" } height="4" style={ "height:4px;line-height:4px;font-size:0;background:" (accent) } { "\u{a0}" } }
                @if percent < 100 { td height="4" style="height:4px;line-height:4px;font-size:0" { "\u{a0}" } }
            }
        }
    }
}

fn chart(chart: &Chart, accent: &str) -> Markup {
    let gap = if chart.columns.len() > 14 { 1 } else { 3 };
    html! {
        p.muted style={ "margin:0 0 6px;" (MUTED) } { (chart.title) }
        table.chart role="img" aria-label=(described(chart)) width="100%" cellpadding="0" cellspacing="0" style="table-layout:fixed;margin:0 0 20px;border-collapse:collapse" {
            tr {
                @for column in &chart.columns {
                    td.line title={ (column.title) ": " (column.value) } align="center" valign="bottom" height=(CHART_HEIGHT) style={ "height:" (CHART_HEIGHT) "px;vertical-align:bottom;padding:0 " (gap) "px;border-bottom:1px solid #e6e8ed" } {
                        @let height = (CHART_HEIGHT * u32::from(column.percent.min(100))).div_ceil(100);
                        @if height > 0 {
                            table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="border-collapse:collapse" {
                                tr { td.bar height=(height) style={ "height:" (height) "px;line-height:1px;font-size:0;background:" (accent) } { "\u{a0}" } }
                            }
                        }
                    }
                }
            }
            @if chart.columns.iter().any(|column| !column.label.is_empty()) {
                tr {
                    @for column in &chart.columns {
                        td.muted align="center" style="padding-top:4px;color:#565c68;font-size:12px;line-height:1.3;white-space:nowrap" { (column.label) }
                    }
                }
            }
        }
    }
}

/// Returns a chart in words, for people who do not see it.
fn described(chart: &Chart) -> String {
    let columns = chart.columns.iter().map(|column| format!("{}: {}", column.title, column.value));
    format!("{}. {}", chart.title, columns.collect::<Vec<_>>().join("; "))
}

fn first_text(body: &Body) -> &str {
    let text = body.blocks.iter().find_map(|block| match block {
        Block::Text(text) => Some(text.as_str()),
        _ => None,
    });
    text.unwrap_or_default()
}

/// Returns a brand's colors. They stand in styles, so that anything but `#rrggbb` is left out.
fn colors(brand: &Brand) -> (&str, &str) {
    let is_color = |text: &str| {
        text.len() == 7 && text.starts_with('#') && text[1..].bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let color = |text: &str| is_color(text);
    if color(&brand.color) && color(&brand.dark_color) { (&brand.color, &brand.dark_color) } else { ACCENT }
}

/// Returns the style sheet: dark colors, and narrower margins on phones.
fn style_sheet(dark: &str) -> String {
    format!(
        ":root{{color-scheme:light dark;supported-color-schemes:light dark}}\
         @media (max-width:480px){{.outer{{padding:8px!important}}.inner{{padding:18px!important}}}}\
         @media (prefers-color-scheme:dark){{\
         .page{{background:#101216!important;color:#e8eaf0!important}}\
         .card{{background:#191c22!important;border-color:#31353f!important}}\
         .muted{{color:#a6adbb!important}}\
         .line{{border-color:#31353f!important}}\
         .track{{background:#31353f!important}}\
         .bar{{background:{dark}!important}}\
         .link{{color:{dark}!important}}\
         .button{{background:{dark}!important;color:#101216!important}}\
         .good{{color:#6fd79a!important}}.bad{{color:#ff9b92!important}}\
         }}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brand_s_color_that_is_none_does_not_reach_the_style_sheet() {
        let brand =
            |color: &str| Brand { name: "Mill".into(), color: color.into(), dark_color: color.into() };
        let html = |color: &str| {
            let body = Body { brand: Some(brand(color)), ..Body::new("Report") };
            render(&body.button("Open", "https://a.example"), "")
        };
        assert!(html("#aa3300").contains("background:#aa3300"));
        let html = html("red}</style><script>");
        assert!(!html.contains("<script>") && html.contains(ACCENT.0), "{html}");
    }

    #[test]
    fn a_chart_is_told_in_words_to_people_who_do_not_see_it() {
        let column = super::super::body::ChartColumn {
            label: "Mon".into(),
            title: "Mon, Nov 23".into(),
            value: "120".into(),
            percent: 100,
        };
        let chart = Chart { title: "Visitors per day".into(), columns: vec![column] };
        let html = render(&Body::new("Report").with(Block::Chart(chart)), "");
        assert!(html.contains("aria-label=\"Visitors per day. Mon, Nov 23: 120\""), "{html}");
    }
}
