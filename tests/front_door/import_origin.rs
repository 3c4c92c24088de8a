//! Importing logs that name hosts and further addresses: which lines are the site's, and who sent them.

use super::harness::{BROWSER, Desk};
use super::import::{counts, file};
use serde_json::{Value, json};

/// A line with its fields before the time, its request, and what stands behind the agent.
fn line(prefix: &str, request: &str, further: &str) -> String {
    format!("{prefix} [01/Nov/2026:12:00:00 +0100] \"{request}\" 200 512 \"-\" \"{BROWSER}\"{further}\n")
}

fn import_with(desk: &Desk, text: &str, options: &[&str]) -> Value {
    let path = file(desk, "access.log", text);
    let arguments = [&["import", &*path, "--site", "1", "--json"], options].concat();
    desk.json(&arguments)["files"][0].clone()
}

fn pages(desk: &Desk) -> Vec<String> {
    desk.texts("select text from actions join labels on labels.id = page order by text")
}

/// The first bytes of the visitors' addresses.
fn addresses(desk: &Desk) -> Vec<String> {
    desk.texts("select distinct hex(address) from visits order by 1")
}

#[test]
fn of_a_log_with_virtual_hosts_the_sites_own_are_taken_and_others_counted_by_name() {
    for at in [
        "before",
        "behind",
        "in the request",
        "before the request",
        "at the end",
        "named at the end",
        "as user",
    ] {
        let request_for = |host: &str, path: &str| {
            let (address, get) = ("81.2.69.1", format!("GET {path} HTTP/1.1"));
            match at {
                "before" => line(&format!("{host}:443 {address} - -"), &get, ""),
                "behind" => line(&format!("{address} {host} - ada"), &get, ""),
                "in the request" => {
                    line(&format!("{address} - -"), &format!("GET https://{host}{path} HTTP/1.1"), "")
                }
                "before the request" => line(&format!("{address} - -"), &format!("{host}\" \"{get}"), ""),
                "at the end" => line(&format!("{address} - -"), &get, &format!(" \"{host}\"")),
                "named at the end" => {
                    line(&format!("{address} - -"), &get, &format!(" 0.012 host={host} TLSv1.3"))
                }
                _ => line(&format!("{address} - {host}"), &get, ""),
            }
        };
        let text = [
            request_for("other.example", "/other"),
            request_for("bakery.example", "/a"),
            request_for("WWW.Bakery.Example", "/b"),
            request_for("shop.bakery.example", "/c"),
            request_for("notbakery.example", "/d"),
            request_for("other.example", "/style.css"),
        ]
        .concat();
        let desk = Desk::with_site();
        let said = import_with(&desk, &text, &[]);
        assert_eq!((&said["taken"], &said["left_out"]), (&3.into(), &json!({"other-host": 3})), "{at}");
        let others =
            json!([{"host": "other.example", "lines": 2}, {"host": "notbakery.example", "lines": 1}]);
        assert_eq!(said["other_hosts"], others, "{at}");
        assert_eq!(
            pages(&desk),
            ["https://bakery.example/a", "https://bakery.example/b", "https://shop.bakery.example/c"],
            "{at}"
        );
    }
}

#[test]
fn other_hosts_stand_in_the_outcome_with_the_most_lines_first() {
    let desk = Desk::with_site();
    let hosts = ["a.example", "b.example", "b.example", "bakery.example"];
    let text = hosts.map(|host| line(&format!("{host}:80 81.2.69.1 - -"), "GET / HTTP/1.1", "")).concat();
    let said = desk.text(&["import", &file(&desk, "access.log", text), "--site", "1"]);
    let words = "    3 requests for hosts that are not the site's\n      2 b.example\n      1 a.example";
    assert!(said.contains(words), "{said}");
}

#[test]
fn a_list_of_addresses_is_refused_until_somebody_says_which_are_proxies() {
    for (prefix, further) in [
        ("203.0.113.66, 81.2.69.1, 10.0.0.1 - -", ""),
        ("\"203.0.113.66, 81.2.69.1, 10.0.0.1\" - -", ""),
        ("10.0.0.1 203.0.113.66, 81.2.69.1 - -", ""),
        ("10.0.0.1 forwarded for 203.0.113.66, 81.2.69.1 - -", ""),
        ("10.0.0.1 - - 81.2.69.1", ""),
        ("bakery.example:443 81.2.69.1 10.0.0.1 - -", ""),
        ("10.0.0.1 - -", " \"203.0.113.66, 81.2.69.1\""),
        ("10.0.0.1 - -", " \"81.2.69.1\""),
        ("198.51.100.7 - -", " \"81.2.69.1\""),
        ("[2001:db8:ffff::1]:443 - -", " \"81.2.69.1\""),
    ] {
        let desk = Desk::with_site();
        let text =
            line("81.2.69.9 - -", "GET /style.css HTTP/1.1", "") + &line(prefix, "GET / HTTP/1.1", further);
        let path = file(&desk, "access.log", &text);
        let complaint = desk.complaint(&["import", &path, "--site", "1"]);
        let is_said = |words: &str| complaint.contains(words);
        assert!(
            is_said("access.log, line 2,") && is_said("--trust-proxy CIDR") && is_said("Nothing was changed"),
            "{complaint}"
        );
        assert_eq!(counts(&desk), (0, 0));
        assert_eq!(desk.number("select count(*) from imports"), 0);
        let trusted = ["10.0.0.0/8", "198.51.100.7", "2001:db8:ffff::/48"];
        let options: Vec<&str> = trusted.iter().flat_map(|network| ["--trust-proxy", network]).collect();
        assert_eq!(import_with(&desk, &text, &options)["taken"], 1, "{prefix}{further}");
        assert_eq!(addresses(&desk), ["51024500"], "{prefix}{further}");
    }
}

#[test]
fn where_no_proxy_is_the_address_that_was_connected_counts() {
    let desk = Desk::with_site();
    let text = line("81.2.69.1 - -", "GET / HTTP/1.1", " \"203.0.113.66, 203.0.113.67\"");
    assert_eq!(import_with(&desk, &text, &["--trust-proxy", "none"])["taken"], 1);
    assert_eq!(addresses(&desk), ["51024500"]);
    assert!(desk.complaint(&["import", "x", "--trust-proxy", "somebody"]).contains("10.0.0.0/8"));
}

#[test]
fn a_few_lists_behind_the_agent_are_told_and_not_believed() {
    let desk = Desk::with_site();
    let direct = line("81.2.69.1 - -", "GET / HTTP/1.1", " \"-\"");
    let text = direct.clone() + &direct + &line("81.2.69.1 - -", "GET /x HTTP/1.1", " \"203.0.113.9\"");
    let said = import_with(&desk, &text, &[]);
    assert_eq!(said["taken"], 3);
    assert!(said["warning"].as_str().unwrap().starts_with("1 line names further addresses"), "{said}");
    assert_eq!(addresses(&desk), ["51024500"]);
}

#[test]
fn an_address_that_somebody_sent_as_their_name_neither_stops_an_import_nor_counts() {
    for user in ["203.0.113.9", "- 203.0.113.9", "203.0.113.9, 203.0.113.10"] {
        for options in [&[][..], &["--trust-proxy", "10.0.0.0/8"], &["--trust-proxy", "81.2.69.0/24"]] {
            let desk = Desk::with_site();
            let text = line("81.2.69.1 - -", "GET / HTTP/1.1", "").repeat(2)
                + &line(&format!("81.2.69.1 - {user}"), "GET /x HTTP/1.1", "");
            let said = import_with(&desk, &text, options);
            assert_eq!((&said["taken"], addresses(&desk)), (&3.into(), vec!["51024500".into()]), "{user}");
            let warning = said["warning"].as_str().unwrap();
            assert!(warning.starts_with("1 line names an address in the place of the user's name"), "{said}");
        }
    }
}

#[test]
fn of_a_log_with_other_hosts_only_nothing_is_taken_for_the_sites() {
    let others = ["other.example", "third.example", "other.example"];
    for as_user in [false, true] {
        let text: String = others
            .iter()
            .map(|host| {
                let (user, further) =
                    if as_user { (*host, String::new()) } else { ("-", format!(" \"{host}\"")) };
                line(&format!("81.2.69.1 - {user}"), "GET / HTTP/1.1", &further)
            })
            .collect();
        let desk = Desk::with_site();
        let said = import_with(&desk, &text, &[]);
        assert_eq!((&said["taken"], &said["left_out"]), (&0.into(), &json!({"other-host": 3})), "{said}");
        assert_eq!(said["other_hosts"][0], json!({"host": "other.example", "lines": 2}));
    }
}

#[test]
fn names_of_users_who_were_asked_for_them_are_no_hosts() {
    let desk = Desk::with_site();
    let asked = line("81.2.69.1 - -", "GET / HTTP/1.1", "").replace("\" 200 ", "\" 401 ");
    let text = asked + &line("81.2.69.1 - john.doe", "GET / HTTP/1.1", "").repeat(2);
    let said = import_with(&desk, &text, &[]);
    assert_eq!((&said["taken"], &said["left_out"]), (&2.into(), &json!({"failed": 1})));
}

#[test]
fn a_line_of_the_site_that_is_no_page_shows_which_field_is_the_host() {
    for (request, status) in [("GET /style.css HTTP/1.1", "200"), ("GET /old HTTP/1.1", "301")] {
        let desk = Desk::with_site();
        let own = line("81.2.69.1 - -", request, " \"bakery.example\"");
        let text = line("81.2.69.1 - -", "GET / HTTP/1.1", " \"-\"").repeat(3)
            + &own.replace("\" 200 ", &format!("\" {status} "))
            + &line("81.2.69.1 - -", "GET /theirs HTTP/1.1", " \"other.example\"");
        let said = import_with(&desk, &text, &[]);
        assert_eq!((&said["taken"], &said["left_out"]["other-host"]), (&3.into(), &1.into()), "{said}");
    }
}

#[test]
fn what_the_earlier_part_of_a_log_showed_holds_for_what_has_grown() {
    let desk = Desk::with_site();
    let page = line("81.2.69.1 - -", "GET / HTTP/1.1", " \"-\"");
    let own = line("81.2.69.1 - -", "GET /own HTTP/1.1", " \"bakery.example\"");
    let theirs = line("81.2.69.1 - -", "GET /theirs HTTP/1.1", " \"other.example\"");
    // The site's own host stands behind the beginning by which the file is known.
    let first = page.repeat(80_000 / page.len()) + &own;
    assert_eq!(import_with(&desk, &first, &[])["left_out"], json!({}));
    let said = import_with(&desk, &(first + &theirs + &page.repeat(3)), &[]);
    assert_eq!(
        (&said["goes_on"], &said["taken"], &said["left_out"]),
        (&true.into(), &3.into(), &json!({"other-host": 1}))
    );
}

#[test]
fn a_request_without_an_address_is_left_out_by_that_reason() {
    let desk = Desk::with_site();
    let text = line("- - -", "GET /health HTTP/1.1", "") + &line("81.2.69.1 - -", "GET / HTTP/1.1", "");
    let said = import_with(&desk, &text, &[]);
    assert_eq!((&said["taken"], &said["left_out"]), (&1.into(), &json!({"no-address": 1})));
}

#[test]
fn brackets_ports_and_zones_do_not_make_an_address_another_one() {
    let desk = Desk::with_site();
    let prefixes =
        ["2001:db8:1::7 - -", "[2001:db8:1::7] - -", "[2001:db8:1::7]:52344 - -", "2001:db8:1::7%eth0 - -"];
    let text = prefixes.map(|prefix| line(prefix, "GET / HTTP/1.1", "")).concat();
    assert_eq!(import_with(&desk, &text, &[])["taken"], 4);
    assert_eq!(desk.number("select count(distinct visitor_id) from visits"), 1);
}

#[test]
fn a_field_that_is_neither_a_host_nor_an_address_is_refused_with_its_line() {
    let desk = Desk::with_site();
    let good = line("81.2.69.1 - -", "GET / HTTP/1.1", "");
    for (bad, word) in [
        (line("7f3a|81.2.69.1 - -", "GET / HTTP/1.1", ""), "does not begin with an address"),
        (line("81.2.69.1 - -", "0.1f\" \"GET / HTTP/1.1", ""), "neither a host nor an address"),
        (line("crawler.example - -", "GET / HTTP/1.1", ""), "HostnameLookups"),
    ] {
        let path = file(&desk, "access.log", good.clone() + &bad);
        let tried = desk.json(&["import", &path, "--site", "1", "--dry-run", "--json"])["files"][0].clone();
        let refused = &tried["refused_lines"][0];
        assert_eq!(refused["line"], 2, "{tried}");
        assert!(refused["why"].as_str().unwrap().contains(word), "{tried}");
    }
}
