//! The systemd unit.

use std::fs;
use std::process::Command;

#[test]
fn the_unit_shuts_the_service_in_as_far_as_systemd_can() {
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/clickstead.service");
    let text = fs::read_to_string(unit).unwrap();
    for setting in [
        "UMask=0077",
        "ProtectClock=yes",
        "ProtectHostname=yes",
        "ProtectKernelLogs=yes",
        "ProtectProc=invisible",
        "RestrictRealtime=yes",
        "SystemCallArchitectures=native",
        "RestartSec=10",
    ] {
        assert!(text.lines().any(|line| line == setting), "{setting}");
    }
    // Part of Debian's package systemd; it looks at the file alone.
    let judged = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager", unit])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&judged.stdout).into_owned();
    let exposure = said.split("Overall exposure level for clickstead.service: ").nth(1).unwrap();
    let exposure: f64 = exposure.split_whitespace().next().unwrap().parse().unwrap();
    assert!(exposure <= 2.0, "{said}");
}
