//! The command line as operators meet it: help, hints, settings, consent, and advice when a file is damaged.

use super::harness::{Desk, PASSWORD, binary};
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::process::{Command, Output, Stdio};

fn run_in(desk: &Desk, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.args(arguments).current_dir(desk.path()).stdin(Stdio::piped());
    command.env_remove("CLICKSTEAD_DATA").envs(environment.iter().copied());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap_or_default();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The help of a command and of all below it.
fn helps(words: &[String]) -> Vec<(String, String)> {
    let output = Command::new(binary()).args(words).arg("--help").output().unwrap();
    let help = text(&output.stdout);
    let listed = help.split("\nCommands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap();
    let names = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<_> = names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    let below =
        names.into_iter().filter(|name| name != "help").flat_map(|name| helps(&[words, &[name]].concat()));
    let below: Vec<_> = below.collect();
    std::iter::once((words.join(" "), help)).chain(below).collect()
}

#[test]
fn no_help_has_marks_of_our_own_documentation() {
    let all = helps(&[]);
    let names: BTreeSet<_> = all.iter().map(|(name, _)| name.as_str()).collect();
    for known in ["", "serve", "mail test", "user reset-link", "link add", "visitor erase"] {
        assert!(names.contains(known), "{known}: {names:?}");
    }
    for (name, help) in &all {
        for mark in ["<http", "[`", "`]", "](", "::"] {
            let is_ours = mark != "::" || !help.contains("clickstead::");
            assert!(!is_ours || !help.contains(mark), "{name} --help has {mark}: {help}");
        }
    }
    let serve = &all.iter().find(|(name, _)| name == "serve").unwrap().1;
    for words in ["such as https://stats.example.com", "CLICKSTEAD_LOG", "debug (also each request"] {
        assert!(serve.contains(words), "{words}: {serve}");
    }
}

#[test]
fn what_deletes_for_good_wants_a_yes_from_programs_and_asks_once_at_a_terminal() {
    let desk = Desk::with_people(&["bob"]);
    let backup = desk.path().join("backup.db");
    let backup = backup.to_str().unwrap();
    desk.text(&["site", "add", "second.example", "--owner", "ada"]);
    desk.text(&["backup", backup]);
    let rows = || desk.number("select (select count(*) from sites) * 10 + (select count(*) from users)");
    let before = rows();
    let commands: [&[&str]; 4] =
        [&["site", "remove", "2"], &["user", "remove", "bob"], &["prune"], &["restore", backup]];
    for command in commands {
        let complaint = desk.complaint(command);
        assert!(complaint.contains("Say --yes to do it. Nothing was changed."), "{command:?}: {complaint}");
        assert_eq!(rows(), before, "{command:?}");
        if command == ["prune"] {
            // Nothing goes: there is nothing to ask.
            assert!(desk.at_terminal("n", command).0);
            continue;
        }
        let (succeeded, seen) = desk.at_terminal("n", command);
        assert!(!succeeded && seen.matches("Go on? [y/N]").count() == 1, "{command:?}: {seen}");
        assert_eq!(rows(), before, "{command:?}");
    }
    // Where there is no file, none is replaced.
    assert!(Desk::empty().run(&["restore", backup]).status.success());
    let visitor = desk.complaint(&["visitor", "erase", "--site", "1", "--id", "1"]);
    assert!(visitor.contains("Nobody like that is known"), "{visitor}");
    assert!(desk.at_terminal("y", &["site", "remove", "2"]).0);
    for command in commands {
        let is_gone = command[0] == "site";
        assert_eq!(desk.run(&[command, &["--yes"]].concat()).status.success(), !is_gone, "{command:?}");
    }
}

#[test]
fn what_only_takes_access_away_asks_nobody() {
    let desk = Desk::with_people(&["bob"]);
    desk.text(&["share", "add", "--site", "1", "--user", "bob", "--level", "user"]);
    let link = desk.json(&["link", "add", "--site", "1", "--name", "Mill", "--json"])["link_id"].to_string();
    for command in [
        &["site", "rotate-key", "1"][..],
        &["share", "remove", "--site", "1", "--user", "bob"],
        &["link", "disable", "--site", "1", &link],
        &["link", "remove", "--site", "1", &link],
        &["user", "disable", "bob"],
    ] {
        let (succeeded, seen) = desk.at_terminal("", command);
        assert!(succeeded && !seen.contains('?'), "{command:?}: {seen}");
    }
}

#[test]
fn init_asks_again_for_a_wrong_answer_and_only_for_that() {
    let desk = Desk::empty();
    let answers = ["nobody", "ada@a.example", "http://", "a.example", PASSWORD].join("\n");
    let (succeeded, seen) = desk.at_terminal(&answers, &["init", "--username", "ada", "--password-stdin"]);
    assert!(succeeded, "{seen}");
    assert_eq!(seen.matches("E-mail address: ").count(), 2, "{seen}");
    assert!(seen.contains("Enter an e-mail address such as name@example.com."), "{seen}");
    assert_eq!(seen.matches("Domain of the first site (empty for none): ").count(), 2, "{seen}");
    assert_eq!(desk.texts("select email from users"), ["ada@a.example"]);
    assert_eq!(desk.texts("select domain from sites"), ["a.example"]);
}

#[test]
fn init_that_fails_leaves_no_file_and_asks_nothing_after_the_wrong_answer() {
    let right = ["--username", "ada", "--email", "ada@a.example", "--password-stdin", "--site", "a.example"];
    let with = |place: usize, wrong: &'static str| {
        let mut words = right.to_vec();
        words[place] = wrong;
        words
    };
    for arguments in [
        with(1, "x y"),
        with(3, "nobody"),
        with(6, "http://"),
        [&right[..], &["--time-zone", "Mars/Base"]].concat(),
        // A zone is a site's.
        [&right[..5], &["--time-zone", "Asia/Tokyo"]].concat(),
        vec!["--email", "ada@a.example"],
    ] {
        let desk = Desk::empty();
        let complaint = desk.complaint(&[&["init"][..], &arguments].concat());
        assert!(!complaint.contains("Domain of"), "{arguments:?}: {complaint}");
        assert_eq!(fs::read_dir(desk.path()).unwrap().count(), 0, "{arguments:?}: {complaint}");
    }
    let desk = Desk::empty();
    let unknown = desk.complaint(&[&["init"][..], &right, &["--time-zone", "Mars/Base"]].concat());
    assert!(unknown.contains("There is no time zone Mars/Base."), "{unknown}");
    let full = Desk::empty();
    let mut command = Command::new("prlimit");
    command.args(["--fsize=4096:4096", "--core=0:0", binary(), "init"]).args(right).stdin(Stdio::piped());
    let mut child = command.env("CLICKSTEAD_DATA", full.file()).stderr(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap_or_default();
    assert!(!child.wait_with_output().unwrap().status.success());
    let left: Vec<_> = fs::read_dir(full.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert!(!left.contains(&"clickstead.db".into()), "{left:?}");
}

#[test]
fn init_and_site_add_name_the_time_zone_that_they_chose() {
    let desk = Desk::empty();
    let zone = [("TZ", "Asia/Tokyo")];
    let words =
        ["init", "--username", "ada", "--email", "ada@a.example", "--password-stdin", "--site", "a.example"];
    let said = text(&run_in(&desk, &zone, &words).stdout);
    assert!(said.contains("Its days begin at midnight in Asia/Tokyo, this machine's time zone."), "{said}");
    let said = text(&run_in(&desk, &zone, &["site", "add", "b.example", "--owner", "ada"]).stdout);
    assert!(said.contains("Its days begin at midnight in Asia/Tokyo, this machine's time zone."), "{said}");
    let named = ["site", "add", "c.example", "--owner", "ada", "--time-zone", "Europe/Berlin"];
    let said = text(&run_in(&desk, &zone, &named).stdout);
    assert!(said.contains("Its days begin at midnight in Europe/Berlin. "), "{said}");
}

#[test]
fn messages_name_the_data_file_and_their_hints_repeat_how_it_was_named() {
    let desk = Desk::with_site();
    let file = desk.path().join("our data.db");
    fs::rename(desk.file(), &file).unwrap();
    let file = file.to_str().unwrap();
    let ask = |arguments: &[&str]| {
        let output = run_in(&desk, &[], &[&["--data", file][..], arguments].concat());
        text(&output.stdout) + &text(&output.stderr)
    };
    for (arguments, says) in [
        (&["site", "remove", "9"][..], format!("There is no such site in {file}.")),
        (&["share", "list", "--site", "x"], format!("`clickstead --data '{file}' site list`")),
        (
            &["init", "--username", "eve", "--email", "e@e.example", "--password-stdin"],
            format!("`clickstead --data '{file}' user add`"),
        ),
        (
            &["share", "add", "--site", "1", "--user", "eve", "--level", "user"],
            format!("`clickstead --data '{file}' user list`"),
        ),
        (&["prune", "--yes"], format!("`clickstead --data '{file}' site keep-visits`")),
    ] {
        let said = ask(arguments);
        assert!(said.contains(&says), "{arguments:?}: {said}");
    }
    let missing = text(&run_in(&desk, &[], &["--data", "none.db", "user", "list"]).stderr);
    assert!(
        missing.contains("There is no data file none.db.")
            && missing.contains("`clickstead --data none.db init`"),
        "{missing}"
    );
    // The environment says it to the next command as well.
    let named = [("CLICKSTEAD_DATA", file)];
    let said = text(&run_in(&desk, &named, &["prune", "--yes"]).stdout);
    assert!(said.contains("`clickstead site keep-visits`"), "{said}");
}

#[test]
fn a_damaged_file_is_named_with_what_to_do_about_it() {
    let desk = Desk::with_site();
    let length = fs::metadata(desk.file()).unwrap().len();
    let mut file = OpenOptions::new().write(true).open(desk.file()).unwrap();
    file.seek(SeekFrom::Start(4_096)).unwrap();
    file.write_all(&vec![0xa5; usize::try_from(length - 4_096).unwrap()]).unwrap();
    drop(file);
    let name = desk.file().display().to_string();
    for command in [&["user", "list"][..], &["site", "list"]] {
        let complaint = desk.complaint(command);
        for words in [&*format!("{name} is damaged"), "`clickstead check`", "`clickstead restore BACKUP`"] {
            assert!(complaint.contains(words), "{command:?}: {complaint}");
        }
    }
    let output = desk.run(&["check"]);
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(!output.status.success() && said.contains(&format!("{name} is damaged")), "{said}");
    assert!(said.contains("Put a backup in its place with `clickstead restore BACKUP`"), "{said}");
    fs::write(desk.file(), "overwritten by something else, and long enough to be looked at by everything that looks at it, or so").unwrap();
    let complaint = desk.complaint(&["user", "list"]);
    assert!(
        complaint.contains("If it was one, it is damaged") && complaint.contains("restore BACKUP"),
        "{complaint}"
    );
}

#[test]
fn settings_of_the_environment_are_read_as_people_write_them() {
    let desk = Desk::with_site();
    let file = desk.file();
    let start = |environment: &[(&str, &str)]| {
        let mut command = Command::new(binary());
        command.arg("serve").env("CLICKSTEAD_DATA", &file).env("CLICKSTEAD_LISTEN", "127.0.0.1:0");
        command.envs(environment.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::null());
        super::harness::Server::start(&desk, command)
    };
    let names = [
        "CLICKSTEAD_PUBLIC_URL",
        "CLICKSTEAD_TRUST_PROXY",
        "CLICKSTEAD_GEOIP",
        "CLICKSTEAD_RESOLVE_HOSTNAMES",
        "CLICKSTEAD_SMTP_URL",
        "CLICKSTEAD_MAIL_FROM",
        "CLICKSTEAD_SMTP_ROOT_CERTIFICATE",
        "CLICKSTEAD_ALLOW_PRIVATE_TARGETS",
        "CLICKSTEAD_BACKUP_DIR",
        "CLICKSTEAD_BACKUP_EVERY",
        "CLICKSTEAD_BACKUP_KEEP",
        "CLICKSTEAD_LOG",
    ];
    // A file of settings in which each is named and none is set.
    start(&names.map(|name| (name, ""))).sign_in("ada");
    for word in ["1", "yes", "on", "TRUE", "0", "no", "off"] {
        start(&[("CLICKSTEAD_ALLOW_PRIVATE_TARGETS", word)]).sign_in("ada");
    }
    let wrong = run_in(&desk, &[("CLICKSTEAD_ALLOW_PRIVATE_TARGETS", "perhaps")], &["serve"]);
    assert!(!wrong.status.success() && text(&wrong.stderr).contains("--allow-private-targets"));
    let wrong = run_in(&desk, &[("CLICKSTEAD_LOG", "debugg")], &["serve"]);
    assert!(!wrong.status.success() && text(&wrong.stderr).contains("--log"), "{}", text(&wrong.stderr));
    start(&[("CLICKSTEAD_TRUST_PROXY", "127.0.0.1, 10.0.0.0/8 ,192.168.0.0/16")]).sign_in("ada");
    // An empty name of a file is the usual file, where the command runs.
    let usual = Desk::with_site();
    let listed = run_in(&usual, &[("CLICKSTEAD_DATA", " ")], &["user", "list"]);
    assert!(listed.status.success(), "{}", text(&listed.stderr));
}

#[test]
fn a_second_import_of_a_site_says_what_it_did_not_do() {
    let desk = Desk::with_site();
    let file = desk.path().join("site.jsonl");
    let file = file.to_str().unwrap();
    desk.text(&["export", "--site", "1", "--to", file]);
    let imported =
        |more: &[&str]| desk.run(&[&["import", file, "--owner", "ada", "--as", "new"][..], more].concat());
    assert!(imported(&[]).status.success());
    assert_eq!(desk.number("select count(*) from sites"), 2);
    for more in [&[][..], &["--dry-run"], &["--json"]] {
        let again = imported(more);
        let said = text(&again.stdout);
        assert_eq!(again.status.code(), Some(1), "{said}");
        assert!(
            said.contains("No second site was made of it") && said.contains("The site's owner stays"),
            "{said}"
        );
        assert_eq!(desk.number("select count(*) from sites"), 2);
    }
    assert!(desk.run(&["import", file]).status.success(), "nothing was asked for that is not done");
}

#[test]
fn a_file_that_somebody_else_has_open_is_named() {
    let desk = Desk::with_site();
    let name = desk.file().display().to_string();
    let _server = desk.serve();
    let complaint = desk.complaint(&["compact"]);
    assert!(complaint.contains(&format!("The data file {name} is in use")), "{complaint}");
}
