//! Finds the packages: a folder the packager names, `assets/node_modules`, or a fresh `npm ci`; and checks every hash.

use crate::{Desk, Result, told};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The packages' files, checked.
pub struct Packages {
    folder: PathBuf,
    lines: Vec<Line>,
}

/// A line of `assets/manifest.txt`.
#[derive(Clone)]
pub struct Line {
    sha256: String,
    /// The path below `node_modules`.
    pub path: String,
    /// The name in the binary; `-` for what is used at build only.
    pub name: String,
}

const WAYS_OUT: &str = "\
Clickstead embeds browser files and data that npm brings. Any one of these helps (each with `node` in the PATH):
1. Install Node.js with npm (Debian: apt-get install npm) and build with a network: the build runs `npm ci` itself.
2. Run `npm ci --ignore-scripts` in assets/ where there is a network, and build with assets/node_modules in place.
3. Point CLICKSTEAD_ASSETS_DIR at a node_modules folder with exactly the files that assets/manifest.txt lists.";

/// Finds the packages by one of three ways.
pub fn find(desk: &Desk) -> Result<Packages> {
    let lines = manifest(&fs::read_to_string(desk.root.join("assets/manifest.txt"))?)?;
    if let Ok(folder) = told("CLICKSTEAD_ASSETS_DIR") {
        let folder = PathBuf::from(folder);
        check(&folder, &lines).map_err(|error| format!("CLICKSTEAD_ASSETS_DIR: {error}\n{WAYS_OUT}"))?;
        return Ok(Packages { folder, lines });
    }
    for folder in [desk.root.join("assets/node_modules"), desk.out.join("npm/node_modules")] {
        if check(&folder, &lines).is_ok() {
            return Ok(Packages { folder, lines });
        }
    }
    let folder = install(desk).map_err(|error| format!("{error}\n{WAYS_OUT}"))?;
    check(&folder, &lines).map_err(|error| format!("{error}\n{WAYS_OUT}"))?;
    Ok(Packages { folder, lines })
}

fn manifest(text: &str) -> Result<Vec<Line>> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let read = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        match (words.next(), words.next(), words.next()) {
            (Some(sha256), Some(path), Some(name)) => Ok(Line { sha256, path, name }),
            _ => Err(format!("assets/manifest.txt: not understood: {line}").into()),
        }
    };
    lines.map(read).collect()
}

fn check(folder: &Path, lines: &[Line]) -> Result<()> {
    for line in lines {
        let bytes = fs::read(folder.join(&line.path)).map_err(|error| format!("{}: {error}", line.path))?;
        let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
        let hash = digest.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        if hash != line.sha256 {
            return Err(format!("{} has another content than assets/manifest.txt says", line.path).into());
        }
    }
    Ok(())
}

/// `npm ci` on a copy, so that the checkout stays as it is.
fn install(desk: &Desk) -> Result<PathBuf> {
    let folder = desk.out.join("npm");
    fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(desk.root.join("assets").join(file), folder.join(file))?;
    }
    let ran = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&folder)
        .output()
        .map_err(|error| format!("npm can't be run: {error}"))?;
    if !ran.status.success() {
        return Err(format!("npm ci failed:\n{}", String::from_utf8_lossy(&ran.stderr)).into());
    }
    Ok(folder.join("node_modules"))
}

impl Packages {
    /// The path of a listed file.
    pub fn path(&self, path: &str) -> Result<PathBuf> {
        if self.lines.iter().any(|line| line.path == path) {
            Ok(self.folder.join(path))
        } else {
            Err(format!("{path} is not in assets/manifest.txt").into())
        }
    }

    /// A listed file's text.
    pub fn text(&self, path: &str) -> Result<String> {
        Ok(fs::read_to_string(self.path(path)?)?)
    }

    /// Every line whose name begins so.
    pub fn named(&self, start: &str) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.name.starts_with(start))
    }
}
