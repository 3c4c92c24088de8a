//! The linker's part in a release, where it can do that: functions of the same machine code become one. Most are made for
//! each type by the same generic code.

use crate::{Desk, Result, told};
use std::fs;
use std::process::Command;

/// Folds alike functions (<https://lld.llvm.org/>; GNU's linker has no such option).
const FOLD: &str = "-Wl,--icf=all";

/// Tells cargo to fold, if a program of nothing can be linked so.
pub fn fold(desk: &Desk) -> Result<()> {
    if told("PROFILE")? != "release" {
        return Ok(());
    }
    let (source, program) = (desk.out.join("nothing.rs"), desk.out.join("nothing"));
    fs::write(&source, "fn main() {}\n")?;
    let flags = told("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let mut rustc = Command::new(told("RUSTC")?);
    rustc.args(flags.split('\u{1f}').filter(|flag| !flag.is_empty()));
    rustc.args(["--crate-type", "bin", "--target"]).arg(told("TARGET")?);
    if let Ok(linker) = told("RUSTC_LINKER") {
        rustc.arg("-C").arg(format!("linker={linker}"));
    }
    rustc.arg("-C").arg(format!("link-arg={FOLD}")).arg("-o").args([&program, &source]);
    if rustc.output().is_ok_and(|ran| ran.status.success()) {
        println!("cargo::rustc-link-arg-bins={FOLD}");
    }
    Ok(())
}
