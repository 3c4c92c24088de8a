//! Builds what the program embeds: browser files and data tables, from packages that `assets/package-lock.json` pins
//! and `assets/manifest.txt` knows by hash, and from our own scripts and styles in `assets/`.

#[path = "assets/build/bundle.rs"]
mod bundle;
#[path = "assets/build/credits.rs"]
mod credits;
#[path = "assets/build/help.rs"]
mod help;
#[path = "assets/build/linker.rs"]
mod linker;
#[path = "assets/build/map.rs"]
mod map;
#[path = "assets/build/packages.rs"]
mod packages;
#[path = "assets/build/places.rs"]
mod places;
#[path = "assets/build/tables.rs"]
mod tables;

use std::error::Error;
use std::fs;
use std::path::PathBuf;

/// What can go wrong here is for the person who builds: a sentence.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Where things are read from and written to.
struct Desk {
    /// The checkout.
    root: PathBuf,
    /// What rust-embed takes into the binary.
    embedded: PathBuf,
    /// What `include!` takes into the binary.
    data: PathBuf,
    /// The build's own folder.
    out: PathBuf,
}

fn main() {
    if let Err(error) = build() {
        for line in error.to_string().lines() {
            println!("cargo::error={line}");
        }
    }
}

fn build() -> Result<()> {
    let out = PathBuf::from(told("OUT_DIR")?);
    let root = PathBuf::from(told("CARGO_MANIFEST_DIR")?);
    let desk = Desk { root, embedded: out.join("assets"), data: out.join("data"), out };
    for folder in [&desk.embedded, &desk.data] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
    }
    // All of them are there in every checkout: a path that is missing would make every build start anew.
    for path in ["build.rs", "assets", "src/web/ui/map_projection.rs", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={path}");
    }
    println!("cargo::rerun-if-env-changed=CLICKSTEAD_ASSETS_DIR");
    let packages = packages::find(&desk)?;
    // For the tests, which need a real file of places, look for what keeps people out, and try the rules for robots.
    println!("cargo::rustc-env=CLICKSTEAD_BUILD_AXE={}", packages.path("axe-core/axe.min.js")?.display());
    println!("cargo::rustc-env=CLICKSTEAD_BUILD_MMDB={}", packages.path(places::V4_FILE)?.display());
    println!("cargo::rustc-env=CLICKSTEAD_BUILD_ROBOTS={}", packages.path(tables::ROBOTS_FILE)?.display());
    tables::write(&desk, &packages)?;
    places::write(&desk, &packages)?;
    map::write(&desk, &packages)?;
    credits::write(&desk, &packages)?;
    help::write(&desk)?;
    linker::fold(&desk)?;
    bundle::write(&desk, &packages)
}

/// What cargo or the packager says by a variable.
#[expect(clippy::disallowed_methods, reason = "a build is told everything by its environment")]
fn told(name: &str) -> Result<String> {
    std::env::var(name).map_err(|error| format!("{name}: {error}").into())
}
