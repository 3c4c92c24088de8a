//! The program under a benchmark: a new data file, and a process that serves it on loopback.

use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Makes a data file with a person and the site 1.
pub fn init(file: &Path) {
    let mut init = Command::new(env!("CARGO_BIN_EXE_clickstead"))
        .args(["init", "--username", "ada", "--email", "ada@bakery.example", "--password-stdin"])
        .args(["--site", "bakery.example"])
        .env("CLICKSTEAD_DATA", file)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(init.stdin.take().unwrap(), "correct horse battery").unwrap();
    assert!(init.wait().unwrap().success());
}

/// The serving process.
pub struct Server {
    child: Child,
    /// The address it listens on.
    pub address: SocketAddr,
}

impl Server {
    /// Starts it; returns after its first answer.
    pub fn start(file: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_clickstead"))
            .args(["serve", "--listen", "127.0.0.1:0", "--trust-proxy", "127.0.0.1/32"])
            .env("CLICKSTEAD_DATA", file)
            .env("CLICKSTEAD_LOG", "warn")
            .env("CLICKSTEAD_ALLOW_PRIVATE_TARGETS", "true")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let ready = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        let address: SocketAddr = ready.rsplit("http://").next().unwrap().parse().unwrap();
        let mut health = TcpStream::connect(address).unwrap();
        health.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut line = String::new();
        BufReader::new(health).read_line(&mut line).unwrap();
        assert!(line.contains("200"), "{line}");
        Self { child, address }
    }

    /// Resident memory in MiB.
    #[allow(dead_code, reason = "not every benchmark prints it")]
    pub fn resident_mib(&self) -> u64 {
        self.memory_mib("VmRSS")
    }

    /// Memory in MiB, by its name in the process's status: `VmRSS` is resident now, `VmHWM` was at most, `RssAnon`
    /// belongs to no file.
    pub fn memory_mib(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
    }

    /// Seconds of a processor that the process has used.
    #[allow(dead_code, reason = "not every benchmark prints it")]
    pub fn processor_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let after_name = stat.rsplit(") ").next().unwrap().to_owned();
        let ticks: Vec<u32> =
            after_name.split(' ').skip(11).take(2).map(|text| text.parse().unwrap()).collect();
        f64::from(ticks[0] + ticks[1]) / 100.0
    }

    /// Stops it as an operator does.
    pub fn stop(mut self) {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        self.child.wait().unwrap();
    }
}
