//! The guides of the help: the Markdown of `assets/help` as HTML, with pieces between it that the program fills in.

use crate::{Desk, Result};
use pulldown_cmark::Event::{End, InlineHtml, Start, Text};
use pulldown_cmark::{
    CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream, html,
};
use std::fs;

/// What stands before the commands of a guide, its only block of code in `sh`. Others are examples, shown as they are.
const COMMANDS: &str = "\
<details class=\"commands\"><summary>By the command line</summary>\
<p>For whoever runs the server. The commands work while it runs, and hold from the next request on.</p>\
<pre tabindex=\"0\"><code>";

/// Writes each guide as a value of Rust, which the help includes. What the program does not know does not compile.
pub fn write(desk: &Desk) -> Result<()> {
    for entry in fs::read_dir(desk.root.join("assets/help"))? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".md")) else {
            continue;
        };
        let guide = guide(name, &fs::read_to_string(&path)?)
            .ok_or_else(|| format!("{}: begin it with “# Title” and “> Its purpose”", path.display()))?;
        fs::write(desk.data.join(format!("help-{name}.rs")), guide)?;
    }
    Ok(())
}

fn guide(name: &str, markdown: &str) -> Option<String> {
    let (title, rest) = markdown.strip_prefix("# ")?.split_once("\n\n> ")?;
    let (about, text) = rest.split_once("\n\n")?;
    let content = pieces(&rendered(text));
    Some(format!("Guide {{ name: {name:?}, title: {title:?}, about: {about:?}, content: &[{content}] }}"))
}

/// The HTML as a list of pieces: between braces stands a part by its name, or what [`swap`] put there.
fn pieces(html: &str) -> String {
    let piece = |text: &str| match text.split_once("}}") {
        Some((piece, html)) if piece.contains('(') => format!("{piece}, Piece::Html({html:?}), "),
        Some(("origin", html)) => format!("Piece::Origin, Piece::Html({html:?}), "),
        Some((part, html)) => format!("Piece::Part(part::{part}), Piece::Html({html:?}), "),
        None => format!("Piece::Html({text:?}), "),
    };
    html.split("{{").map(piece).collect()
}

fn rendered(markdown: &str) -> String {
    let options = Options::ENABLE_HEADING_ATTRIBUTES | Options::ENABLE_DEFINITION_LIST;
    let events: Vec<Event> = TextMergeStream::new(Parser::new_ext(markdown, options)).collect();
    let mut swapped = Vec::with_capacity(events.len());
    let (mut rest, mut section_end) = (events.as_slice(), "");
    while let Some((first, others)) = rest.split_first() {
        if let Some((html, length)) = swap(rest, &mut section_end) {
            swapped.push(InlineHtml(html.into()));
            rest = &rest[length..];
        } else {
            swapped.push(first.clone());
            rest = others;
        }
    }
    let mut html = String::new();
    html::push_html(&mut html, swapped.into_iter());
    html + section_end
}

/// An example in a language other than the one that is shown first.
fn folded(language: &str, text: &str) -> String {
    format!(
        "<details class=\"example\"><summary>{language}</summary><pre tabindex=\"0\"><code>{text}</code></pre></details>"
    )
}

/// What stands for the first of these events in our pages, and for how many of them, where that is not plain HTML.
fn swap(events: &[Event], section_end: &mut &'static str) -> Option<(String, usize)> {
    Some(match events {
        [Start(Tag::Heading { level: HeadingLevel::H2, id, classes, .. }), ..] => {
            let attribute = |name, value: Option<_>| {
                value.map(|value| format!(" {name}=\"{value}\"")).unwrap_or_default()
            };
            let (class, id) = (attribute("class", classes.first()), attribute("id", id.as_ref()));
            let html = format!("{section_end}<section{class}{id}><h2>");
            *section_end = "</section>\n";
            (html, 1)
        }
        [Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))), code @ Text(_), End(_), ..] => {
            let mut text = String::new();
            html::push_html(&mut text, std::iter::once(code.clone()));
            let block = match &**language {
                "sh" => format!("{}{COMMANDS}{text}</code></pre></details>", std::mem::take(section_end)),
                "python folded" => folded("Python", &text),
                "javascript folded" => folded("JavaScript", &text),
                _ => format!("<pre tabindex=\"0\"><code>{text}</code></pre>"),
            };
            (block, 3)
        }
        [Start(Tag::Paragraph), Text(part), End(_), ..] if part.starts_with("{{") && part.ends_with("}}") => {
            (part.to_string(), 3)
        }
        [Start(Tag::Paragraph), Start(Tag::Image { dest_url, .. }), Text(alt), ..] => (
            format!("{{{{Piece::Picture({:?}, {:?})}}}}", dest_url.trim_end_matches("-light.png"), &**alt),
            5,
        ),
        [Start(Tag::Link { dest_url, .. }), Text(way), ..]
            if let Some(screen) = dest_url.strip_prefix("screen:") =>
        {
            (format!("{{{{Piece::Screen(Screen::{screen}, {:?})}}}}", &**way), 3)
        }
        [Start(Tag::Link { dest_url, .. }), Text(way), ..] if dest_url.starts_with("/account/") => {
            (format!("{{{{Piece::Account({:?}, {:?})}}}}", &**dest_url, &**way), 3)
        }
        [Start(Tag::Link { dest_url, .. }), ..] if let Some((guide, place)) = dest_url.split_once(".md") => {
            (format!("<a href=\"{{{{Piece::Address({guide:?})}}}}{place}\">"), 1)
        }
        [Start(Tag::List(Some(_))), ..] if !section_end.is_empty() => ("<ol class=\"steps\">".to_owned(), 1),
        [Start(Tag::DefinitionList), ..] => ("<dl class=\"levels\">".to_owned(), 1),
        [Start(Tag::Strong), ..] => ("<b>".to_owned(), 1),
        [End(TagEnd::Strong), ..] => ("</b>".to_owned(), 1),
        _ => return None,
    })
}
