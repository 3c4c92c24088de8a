//! The rules for robots, compared with user agents of people: real browsers of several years, which `tests/run`
//! installs, and browsers inside apps, made by the rules of their makers. Each test prints its figures and its misses,
//! which `tests/run` shows.

#![expect(clippy::print_stdout, reason = "figures are for the reader of a test run")]

use super::*;
use flate2::read::GzDecoder;
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;

/// The highest share of real browsers that may count as robots: some of the corpus are unnoticed robots.
const PEOPLE_FILTERED_MAX: f64 = 0.000_5;

/// The lowest share of self-declared robots that must be recognised without the list.
const DECLARED_KNOWN_MIN: f64 = 0.95;

/// The words by which a person recognises a robot's user agent: where to ask about it, or what it does. Wider than the
/// rules.
const TELLING: [&str; 28] = [
    "http",
    "www.",
    "@",
    "compatible; ",
    "bot",
    "crawl",
    "spider",
    "scrap",
    "fetch",
    "feed",
    "rss",
    "monitor",
    "uptime",
    "ping",
    "check",
    "scan",
    "preview",
    "archiv",
    "index",
    "search",
    "agent",
    "harvest",
    "audit",
    "validat",
    "verif",
    "proxy",
    "parser",
    "download",
];

/// An entry of the third-party list.
#[derive(Deserialize)]
struct Listed {
    pattern: String,
    /// The day when it was added, such as `2026/04/17`; empty for the oldest.
    #[serde(default)]
    addition_date: String,
    /// The user agents that were seen.
    #[serde(default)]
    instances: Vec<String>,
}

/// An entry of a corpus.
#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "userAgent")]
    user_agent: String,
}

/// Returns the third-party list.
fn listed() -> Vec<Listed> {
    serde_json::from_str(&fs::read_to_string(env!("CLICKSTEAD_BUILD_ROBOTS")).unwrap()).unwrap()
}

/// Returns the rules before the review of the third-party list: all of it, and a single word is a robot.
fn unreviewed() -> Robots {
    let listed = listed();
    Robots::compile(listed.iter().map(|robot| robot.pattern.as_str()).chain([r"^\s*\S+\s*$"])).unwrap()
}

/// Returns the user agents of real browsers, each once.
fn people() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-browsers/node_modules");
    let mut agents = BTreeSet::new();
    for number in 1..=6 {
        let package = root.join(format!("browsers-{number}"));
        assert!(
            package.exists(),
            "the browsers of the tests are missing: run tests/run, which installs them"
        );
        let plain = File::open(package.join("dist/user-agents.json"));
        let entries: Vec<Entry> = if let Ok(file) = plain {
            serde_json::from_reader(BufReader::new(file)).unwrap()
        } else {
            let packed = File::open(package.join("src/user-agents.json.gz")).unwrap();
            serde_json::from_reader(BufReader::new(GzDecoder::new(packed))).unwrap()
        };
        agents.extend(entries.into_iter().map(|entry| entry.user_agent));
    }
    agents
}

/// Prints how many of the user agents count as robots, and returns their share.
fn print_share<'a>(
    what: &str,
    agents: impl Iterator<Item = &'a String>,
    is_robot: impl Fn(&str) -> bool,
) -> f64 {
    let (mut count, mut filtered) = (0.0, Vec::new());
    for agent in agents {
        count += 1.0;
        filtered.extend(is_robot(agent).then_some(agent));
    }
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let share = filtered.len() as f64 / count;
    println!("{what}: {} of {count} taken for robots, {:.3} %", filtered.len(), share * 100.0);
    share
}

/// The models of phones and tablets, among them misleading names.
const MODELS: [&str; 16] = [
    "CPH2557",
    "SM-S918B",
    "Pixel 9 Pro XL",
    "2312DRA50G",
    "V2318",
    "RMX3890",
    "Infinix X6833B",
    "XQ-DE54",
    "moto g power (2022)",
    "CUBOT_X19",
    "Fever_Plus",
    "Expanse",
    "HTC Butterfly",
    "ViewSonic V500",
    "Spider 8",
    "POWER BOT",
];

/// Returns builds of Android by the scheme of its releases: branch, date and number, some with a suffix.
fn builds() -> Vec<(u8, String)> {
    let branches =
        [(12, "SP1A"), (13, "TP1A"), (14, "UP1A"), (15, "AP3A"), (15, "AP4A"), (16, "BP2A"), (16, "CP1A")];
    let tails = ["230905.011", "240617.008", "240905.015.A2", "250605.031.A3"];
    branches
        .iter()
        .flat_map(|(version, branch)| tails.iter().map(move |tail| (*version, format!("{branch}.{tail}"))))
        .collect()
}

/// Returns the user agents of browsers inside apps.
fn apps() -> Vec<String> {
    let mut agents = Vec::new();
    for model in MODELS {
        for (version, build) in builds() {
            let view = format!(
                "Mozilla/5.0 (Linux; Android {version}; {model} Build/{build}; wv) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Version/4.0 Chrome/141.0.7390.122 Mobile Safari/537.36"
            );
            agents.extend([
                format!(
                    "{view} Instagram 406.0.0.58.159 Android (35/{version}; 480dpi; 1080x2412; OPPO; {model}; {model}; \
                     mt6835; de_DE; 812345678; IABMV/1)"
                ),
                format!("{view} Viber/23.9.0.2"),
                format!("{view} [FB_IAB/FB4A;FBAV/490.0.0.63.82;IABMV/1;]"),
                format!("{view} [FB_IAB/Orca-Android;FBAV/482.0.0.71.108;]"),
                format!("{view} MetaIAB Facebook"),
                format!("{view} Line/14.19.1/IAB"),
                view,
            ]);
        }
    }
    for version in ["16_7_10", "17_6_1", "18_6_2", "18_7"] {
        for machine in ["iPhone; CPU iPhone OS", "iPad; CPU OS"] {
            let view = format!(
                "Mozilla/5.0 ({machine} {version} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22G100"
            );
            agents.extend([
                format!(
                    "{view} [FBAN/FBIOS;FBAV/490.0.0.50.107;FBBV/662110654;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;\
                     FBSV/18.1;FBSS/3;FBCR/Telekom.de;FBID/phone;FBLC/de_DE;FBOP/80]"
                ),
                format!("{view} Instagram 356.0.0.28.100 (iPhone14,5; iOS 18_6; de_DE; de; scale=3.00; 1170x2532; 660)"),
                format!("{view} Viber/23.9.0"),
                format!("{view} Safari/604.1 MetaIAB Facebook"),
                view,
            ]);
        }
    }
    agents
}

/// Returns the user agents of apps that send only their name.
fn words() -> Vec<String> {
    let names =
        ["Alderton", "BrioCard", "corvo-mobile", "MeineBank", "NewsNorth", "SHOPFINE", "com.example.reader"];
    let versions = ["", "/1.0", "/24.11.2", "/7.3.1-beta", "/2024110501"];
    names.iter().flat_map(|name| versions.iter().map(move |version| format!("{name}{version}"))).collect()
}

#[test]
fn real_browsers_are_not_taken_for_robots() {
    let people = people();
    assert!(people.len() > 20_000, "{} browsers", people.len());
    let filtered: Vec<_> = people.iter().filter(|agent| is_bot(agent)).collect();
    for agent in &filtered {
        println!("filtered: {agent}");
    }
    let before = unreviewed();
    print_share("real browsers, before the review", people.iter(), |agent| before.matches(agent));
    let share = print_share("real browsers", people.iter(), is_bot);
    assert!(share <= PEOPLE_FILTERED_MAX, "{filtered:#?}");
}

#[test]
fn browsers_inside_apps_and_apps_that_say_one_word_are_not_taken_for_robots() {
    let before = unreviewed();
    for (what, agents) in [("browsers inside apps", apps()), ("apps that say one word", words())] {
        print_share(&format!("{what}, before the review"), agents.iter(), |agent| before.matches(agent));
        print_share(what, agents.iter(), is_bot);
        let filtered: Vec<_> = agents.iter().filter(|agent| is_bot(agent)).collect();
        assert!(!agents.is_empty() && filtered.is_empty(), "{filtered:#?}");
    }
}

#[test]
fn each_reviewed_pattern_hits_the_browser_it_was_dropped_for_and_hits_it_no_more() {
    let reviewed = include_str!("../../../assets/browsers-not-robots.txt");
    let mut lines = reviewed.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut count = 0;
    while let Some(pattern) = lines.next() {
        let agent = lines.next().unwrap().strip_prefix("    ").unwrap();
        assert!(Regex::new(pattern).unwrap().is_match(agent), "{pattern} does not hit {agent}");
        assert!(!is_bot(agent), "{agent}");
        count += 1;
    }
    assert!(count > 0);
}

#[test]
fn robots_that_say_what_they_are_are_known_without_the_newest_fifth_of_the_list() {
    let mut listed = listed();
    listed.retain(|robot| PATTERNS.lines().any(|pattern| pattern == robot.pattern));
    listed.sort_by(|one, other| one.addition_date.cmp(&other.addition_date));
    let newest = listed.split_off(listed.len() * 4 / 5);
    let older = || listed.iter().map(|robot| robot.pattern.as_str());
    let before =
        Robots::compile(older().chain([r"^\s*\S+\s*$", r"(?i)\b(bot|crawler|spider|scraper)\b"])).unwrap();
    let rest = Robots::compile(older().chain(OURS)).unwrap();
    let is_robot = |agent: &str| rest.matches(agent) || declared::is_declared(agent);
    let agents: Vec<String> = newest.into_iter().flat_map(|robot| robot.instances).collect();
    let says_so = |agent: &&String| {
        let agent = agent.to_lowercase();
        TELLING.iter().any(|word| agent.contains(word))
    };
    assert!(agents.iter().filter(says_so).count() > 200);
    for agent in agents.iter().filter(|agent| !is_robot(agent)) {
        println!("missed{}: {agent}", if says_so(&agent) { ", though it says so" } else { "" });
    }
    print_share("the newest fifth, all, before", agents.iter(), |agent| before.matches(agent));
    print_share("the newest fifth, all", agents.iter(), is_robot);
    print_share("the newest fifth, those that say so, before", agents.iter().filter(says_so), |agent| {
        before.matches(agent)
    });
    let known = print_share("the newest fifth, those that say so", agents.iter().filter(says_so), is_robot);
    let people = print_share("real browsers, without the newest fifth", people().iter(), is_robot);
    assert!(known >= DECLARED_KNOWN_MIN, "{known}");
    assert!(people <= PEOPLE_FILTERED_MAX, "{people}");
}

#[test]
fn every_robot_of_the_list_is_known() {
    let (kept, reviewed): (Vec<_>, Vec<_>) =
        listed().into_iter().partition(|robot| PATTERNS.lines().any(|pattern| pattern == robot.pattern));
    let unknown: Vec<String> =
        kept.into_iter().flat_map(|robot| robot.instances).filter(|agent| !is_bot(agent)).collect();
    let dropped: Vec<String> = reviewed.into_iter().flat_map(|robot| robot.instances).collect();
    for agent in dropped.iter().filter(|agent| !is_bot(agent)) {
        println!("no robot's after the review: {agent}");
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}
