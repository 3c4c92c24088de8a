//! A data file that can't be written: refused at the start, told to whoever watches while it lasts, and over by itself.
//! A limit on the size of files stands for a full disk: it takes hold of every user, and at any time.

use super::guest_links::link;
use super::harness::{Desk, SOON, Server, fields, view};
use super::http::{Answer, get, post};
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

/// What takes away from root that modes do not count for it; nothing for anybody else.
fn as_anybody(desk: &Desk) -> Vec<&'static str> {
    let is_root = fs::metadata(desk.file()).unwrap().uid() == 0;
    if is_root { vec!["setpriv", "--inh-caps=-all", "--bounding-set=-all"] } else { Vec::new() }
}

/// Why a server does not start.
fn refusal(desk: &Desk, by: &[&str]) -> String {
    let mut child = desk.command(by, &[]).stderr(Stdio::piped()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    child.kill().unwrap();
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(ready.is_empty(), "it says that it is ready; {told}");
    assert!(!child.wait().unwrap().success());
    told
}

fn beside(desk: &Desk, end: &str) -> PathBuf {
    let mut name = desk.file().into_os_string();
    name.push(end);
    name.into()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_file_that_can_not_be_written_is_refused_at_the_start_and_left_as_it_was() {
    let desk = Desk::with_site();
    let anybody = as_anybody(&desk);
    let before = fs::read(desk.file()).unwrap();
    let assert_refused = |by: &[&str], words: &str| {
        let told = refusal(&desk, by);
        assert!(told.contains(words), "{told}");
        assert_eq!(fs::read(desk.file()).unwrap(), before);
    };
    set_mode(&desk.file(), 0o400);
    assert_refused(&anybody, "may only be read");
    // What SQLite leaves beside a file has its mode, and would keep its owner out from now on.
    assert!(!beside(&desk, "-wal").exists() && !beside(&desk, "-shm").exists());
    set_mode(&desk.file(), 0o600);
    set_mode(desk.path(), 0o500);
    assert_refused(&anybody, "can't be opened");
    set_mode(desk.path(), 0o700);
    assert_refused(&["prlimit", "--fsize=0"], "The disk fails");
    // An empty log stays behind, since nothing can be written.
    fs::remove_file(beside(&desk, "-wal")).unwrap();
    fs::create_dir(beside(&desk, "-wal")).unwrap();
    assert_refused(&[], "can't be opened");
    fs::remove_dir(beside(&desk, "-wal")).unwrap();
    let server = Server::start(&desk, desk.command(&anybody, &[]));
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/"))).status, 204);
}

fn health(server: &Server<'_>) -> Answer {
    server.ask(&get("/healthz"))
}

/// Asks how the server is until it is well again, without a hit that would help it.
fn wait_until_well(server: &Server<'_>) {
    let begun = Instant::now();
    while health(server).status != 200 {
        assert!(begun.elapsed() < SOON, "{}", health(server).text());
        std::thread::yield_now();
    }
}

/// That hits are refused for now, and that whoever watches reads why.
fn assert_unwell(server: &Server<'_>, words: &str) {
    let refused = server.hit("81.2.69.1", &fields(&view("/refused")));
    assert_eq!((refused.status, refused.header("x-clickstead-reason")), (503, "busy"));
    assert!(!refused.header("retry-after").is_empty());
    let told = health(server);
    assert_eq!((told.status, told.header("content-type")), (503, "text/plain; charset=utf-8"));
    assert!(told.text().contains(words) && !told.text().contains('<'), "{}", told.text());
}

fn assert_well(server: &Server<'_>) {
    wait_until_well(server);
    assert_eq!(health(server).text(), "ok\n");
    assert_eq!(server.hit("81.2.69.1", &fields(&view("/kept"))).status, 204);
}

const KEPT: &str = "select count(*) from actions join labels on labels.id = page where text like '%/kept'";
const REFUSED: &str = "select count(*) from labels where text like '%/refused'";

#[test]
fn while_the_disk_is_full_health_says_why_the_log_says_it_once_and_it_ends_by_itself() {
    const HITS: i64 = 60;
    let desk = Desk::with_site();
    let (_, guests) = link(&desk, &[]);
    let (server, log) = desk.serve_logged(&[]);
    let ada = server.sign_in("ada");
    assert_well(&server);
    let begun = Instant::now();
    server.limit_files("0");
    assert_unwell(&server, "The disk fails");
    for _ in 0..HITS {
        assert_eq!(server.hit("81.2.69.2", &fields(&view("/refused"))).status, 503);
        assert_eq!(server.ask(&get(guests.as_str())).status, 200, "reading goes on");
    }
    let form = [("name", "Bakery"), ("domain", "bakery.example"), ("time_zone", "UTC")];
    let refused = server.ask(&post("/sites/1/preferences/info", &form).cookie(&ada));
    assert_eq!(refused.status, 503);
    assert!(refused.text().contains("nothing was changed") && !refused.text().contains("disk"));
    assert_unwell(&server, "The disk fails");
    server.limit_files("unlimited");
    assert_well(&server);
    assert!(server.stop().success());
    assert_eq!((desk.number(KEPT), desk.number(REFUSED)), (2, 0));
    assert_eq!(desk.number("select sum(count) from filtered where reason = 'busy'"), HITS + 2);
    let minutes = 1 + usize::try_from(begun.elapsed().as_secs() / 60).unwrap();
    let lines = log.rest();
    let about = |words: &str| lines.iter().filter(|line| line.contains(words)).count();
    assert!((1..=minutes).contains(&about("The disk fails")), "{lines:#?}");
    assert!((1..=minutes).contains(&about("can be written again")), "{lines:#?}");
    let troubles = lines.iter().filter(|line| !line.contains(" INFO ")).count();
    assert!(troubles <= 3 * minutes, "{lines:#?}");
}

#[test]
fn a_log_on_the_same_full_disk_does_not_end_what_writes() {
    let desk = Desk::with_site();
    let mut command = desk.command(&[], &[]);
    command.stderr(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let server = Server::start(&desk, command);
    server.limit_files("0");
    assert_unwell(&server, "The disk fails");
    server.limit_files("unlimited");
    assert_well(&server);
    assert!(server.stop().success());
    assert_eq!(desk.number(KEPT), 1);
}

#[test]
fn no_hit_is_acknowledged_while_the_file_its_log_or_their_folder_is_elsewhere() {
    let desk = Desk::with_site();
    let server = desk.serve();
    assert_well(&server);
    let folder = desk.path().with_extension("moved");
    let aside = beside(&desk, ".aside");
    let log = beside(&desk, "-wal");
    for (from, to, words) in [
        (desk.path(), folder.as_path(), "not where it was"),
        (desk.file().as_path(), aside.as_path(), "not where it was"),
        (log.as_path(), aside.as_path(), "ending in -wal"),
    ] {
        fs::rename(from, to).unwrap();
        assert_unwell(&server, words);
        fs::rename(to, from).unwrap();
        assert_well(&server);
    }
    fs::rename(desk.file(), &aside).unwrap();
    fs::copy(&aside, desk.file()).unwrap();
    assert_unwell(&server, "Another file stands");
    fs::rename(&aside, desk.file()).unwrap();
    assert_well(&server);
    assert!(server.stop().success());
    assert_eq!((desk.number(KEPT), desk.number(REFUSED)), (5, 0));
}

#[test]
fn commands_on_a_file_that_may_only_be_read_say_so_and_those_that_only_read_work() {
    let desk = Desk::with_site();
    let anybody = as_anybody(&desk);
    set_mode(&desk.file(), 0o400);
    let run = |arguments: &[&str]| {
        let mut words = anybody.iter().copied().chain([super::harness::binary()]);
        let mut command = std::process::Command::new(words.next().unwrap());
        let output =
            command.args(words).args(arguments).env("CLICKSTEAD_DATA", desk.file()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    for changing in [&["site", "rotate-key", "1"][..], &["user", "disable", "ada"], &["compact"]] {
        let (is_well, _, told) = run(changing);
        assert!(!is_well && told.contains("may only be read"), "{changing:?}: {told}");
    }
    for folder_mode in [0o700, 0o500] {
        set_mode(desk.path(), folder_mode);
        for reading in
            [&["user", "list"][..], &["site", "list"], &["audit", "--site", "1"], &["tasks"], &["check"]]
        {
            let (is_well, said, told) = run(reading);
            assert!(is_well && !said.is_empty(), "{reading:?}: {told}");
        }
    }
    set_mode(desk.path(), 0o700);
    set_mode(&desk.file(), 0o600);
    let (is_well, _, told) = run(&["site", "rotate-key", "1"]);
    assert!(is_well, "what was read left something in the way of the file's owner: {told}");
    assert_eq!(desk.number("select count(*) from users where disabled_at is null"), 1);
}
