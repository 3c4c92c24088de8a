//! A network of a test's own, with addresses that are not this machine's loopback: nobody else's connections are on it,
//! and nothing leaves it.

use socket2::{Domain, Socket, Type};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::process::Command;

/// The server there, and two machines of its network. (They are of RFC 5737's range for documentation.)
pub const SERVER: &str = "203.0.113.1";
pub const SCHOOL: &str = "203.0.113.5";
pub const HOME: &str = "203.0.113.6";

const INSIDE: &str = "CLICKSTEAD_TEST_NETWORK";

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status();
    assert!(
        status.as_ref().is_ok_and(std::process::ExitStatus::success),
        "{program} {arguments:?}: {status:?}"
    );
}

/// Runs a test there: this program once more, with this test alone, in a network namespace.
pub fn with_a_network(test: &str, run_test: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        run("ip", &["link", "set", "lo", "up"]);
        for address in [SERVER, SCHOOL, HOME] {
            run("ip", &["address", "add", &format!("{address}/32"), "dev", "lo"]);
        }
        return run_test();
    }
    // Root makes a network; anybody else does as the root of users of their own.
    let is_root = rustix::process::geteuid().is_root();
    let space: &[&str] = if is_root { &["--net"] } else { &["--net", "--map-root-user"] };
    let this = std::env::current_exe().unwrap();
    let status = Command::new("unshare")
        .args(space)
        .arg(this)
        .args([test, "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{test} failed in a network of its own");
}

/// Connects as a machine of the network.
pub fn connect(from: &str, to: SocketAddr) -> TcpStream {
    let from: IpAddr = from.parse().unwrap();
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::new(from, 0).into()).unwrap();
    socket.connect(&to.into()).unwrap();
    socket.into()
}
