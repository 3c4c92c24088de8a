//! Our own scripts and styles, minified, and the flags; everything that compresses stands in the binary compressed alone.

use crate::packages::Packages;
use crate::{Desk, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

/// Writes every file that the binary embeds.
pub fn write(desk: &Desk, packages: &Packages) -> Result<()> {
    for entry in fs::read_dir(desk.root.join("assets"))? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("js") => minify(desk, packages, &path, &desk.embedded.join(name))?,
            Some("css") => fs::write(desk.embedded.join(name), plain_style(&fs::read_to_string(&path)?))?,
            Some("svg") => drop(fs::copy(&path, desk.embedded.join(name))?),
            _ => {}
        }
    }
    bring(desk, packages)?;
    flags(desk, packages)?;
    pictures(desk)?;
    compress(&desk.embedded)
}

fn minify(desk: &Desk, packages: &Packages, script: &Path, to: &Path) -> Result<()> {
    let ran = Command::new("node")
        .arg(desk.root.join("assets/build/minify.cjs"))
        .arg(packages.path("terser/dist/bundle.min.js")?)
        .arg(script)
        .output()
        .map_err(|error| format!("node can't be run to minify scripts: {error}"))?;
    if ran.status.success() {
        Ok(fs::write(to, ran.stdout)?)
    } else {
        Err(format!("{}: {}", script.display(), String::from_utf8_lossy(&ran.stderr)).into())
    }
}

/// The libraries, as their packages minified them, in front of our own script or style: one file each.
fn bring(desk: &Desk, packages: &Packages) -> Result<()> {
    let script = desk.embedded.join("app.js");
    let parts = [
        packages.text("htmx.org/dist/htmx.min.js")?,
        packages.text("uplot/dist/uPlot.iife.min.js")?,
        fs::read_to_string(&script)?,
    ];
    fs::write(script, parts.join("\n;"))?;
    let script = desk.embedded.join("vitals.js");
    let library = packages.text("web-vitals/dist/web-vitals.iife.js")?;
    let library: Vec<&str> = library.lines().filter(|line| !line.starts_with("//#")).collect();
    // A function around both: the page does not see the library.
    let parts = ["(()=>{", &library.join("\n"), &fs::read_to_string(&script)?, "})()"];
    fs::write(script, parts.join("\n"))?;
    let script = desk.embedded.join("overlay.js");
    // The library exports itself to a `module`, which is nothing here, whatever the page has by that name.
    let parts =
        ["((module)=>{", &packages.text("simpleheat/simpleheat.js")?, &fs::read_to_string(&script)?, "})()"];
    fs::write(script, parts.join("\n"))?;
    let style = desk.embedded.join("app.css");
    let parts = [packages.text("uplot/dist/uPlot.min.css")?, fs::read_to_string(&style)?];
    Ok(fs::write(style, parts.join("\n"))?)
}

/// A style sheet without its comments and indentation.
fn plain_style(style: &str) -> String {
    let mut plain = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, after)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The flags stand in one style sheet of their package; each becomes a picture of its own.
fn flags(desk: &Desk, packages: &Packages) -> Result<()> {
    let folder = desk.embedded.join("flags");
    fs::create_dir_all(&folder)?;
    let sheet = packages.text("country-flag-icons/3x2/flags.css")?;
    for rule in sheet.split(".flag\\:").skip(1) {
        let Some((code, rest)) = rule.split_once('{') else { continue };
        let Some(picture) = rest.split("data:image/svg+xml,").nth(1).and_then(|data| data.split('"').next())
        else {
            continue;
        };
        if code.len() == 2 {
            fs::write(folder.join(format!("{}.svg", code.to_lowercase())), decode(picture))?;
        }
    }
    Ok(())
}

/// The pictures of the help pages, which `cargo bench --bench pictures` takes.
fn pictures(desk: &Desk) -> Result<()> {
    let folder = desk.embedded.join("help");
    fs::create_dir_all(&folder)?;
    for entry in fs::read_dir(desk.root.join("assets/help"))? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|ending| ending == "png") {
            fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Undoes percent-encoding.
fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        let escaped = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    bytes
}

fn compress(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            compress(&path)?;
            continue;
        }
        // Pictures of this kind are compressed in themselves.
        if path.extension().is_some_and(|ending| ending == "png") {
            continue;
        }
        let plain = fs::read(&path)?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&plain)?;
        let packed = encoder.finish()?;
        if packed.len() < plain.len() {
            fs::remove_file(&path)?;
            let mut name = path.into_os_string();
            name.push(".gz");
            fs::write(name, packed)?;
        }
    }
    Ok(())
}
