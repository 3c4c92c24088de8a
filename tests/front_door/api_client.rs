//! A program of our own API and of the endpoint for assistants: its credentials, and the requests that it sends.

use super::harness::{Desk, Server};
use super::http::{Answer, Request, get, post_json};
use super::programs::key_of;
use serde_json::{Value, json};

/// A program with the key of site 1, or with a person's token.
#[derive(Clone)]
pub struct Program {
    header: (&'static str, String),
}

impl Program {
    pub fn with_key(desk: &Desk) -> Self {
        Self { header: ("X-Site-Key", key_of(desk, 1)) }
    }

    /// With a token, by its text.
    pub fn bearing(token: &str) -> Self {
        Self { header: ("Authorization", format!("Bearer {token}")) }
    }

    /// With a new token of a person, as wide as the file can hold one: what it opens is what the person may do.
    pub fn with_token(desk: &Desk, user: &str, may_write: bool) -> Self {
        let number =
            desk.number("select count(*) + coalesce(max(seq), 0) from sqlite_sequence where name = 'tokens'");
        let token = format!("cst_{number:040x}");
        let hash = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
        let sql = "insert into tokens (token_hash, user_id, name, may_write, has_all_sites, created_at)
                   select ?1, id, 'test', ?2, 1, 0 from users where username = ?3";
        desk.open().execute(sql, (hash.as_ref(), may_write, user)).unwrap();
        Self::bearing(&token)
    }

    /// The header with its credentials.
    pub fn header(&self) -> (&'static str, &str) {
        (self.header.0, &self.header.1)
    }

    pub fn sign(&self, request: Request) -> Request {
        request.header(self.header.0, &self.header.1)
    }

    pub fn get(&self, server: &Server<'_>, path: &str) -> Answer {
        server.ask(&self.sign(get(path)))
    }

    /// Reads something of site 1, which must be there.
    pub fn read(&self, server: &Server<'_>, path: &str) -> Value {
        let answer = self.get(server, &format!("/api/v1/sites/1/{path}"));
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// The parameter that a refusal of a request names.
    pub fn refused_field(&self, server: &Server<'_>, path: &str) -> String {
        let answer = self.get(server, path);
        assert_eq!(answer.status, 422, "{path}: {}", answer.text());
        answer.json()["field"].as_str().unwrap().to_owned()
    }

    /// Sends a query about site 1.
    pub fn query(&self, server: &Server<'_>, query: &Value) -> Answer {
        server.ask(&self.sign(post_json("/api/v1/sites/1/query", &query.to_string())))
    }

    /// Calls a tool of the endpoint for assistants.
    pub fn call_tool(&self, server: &Server<'_>, tool: &str, arguments: &Value) -> Answer {
        server.ask(&self.sign(mcp_message("tools/call", &json!({ "name": tool, "arguments": arguments }))))
    }

    /// The result of a tool, which must do its work.
    pub fn use_tool(&self, server: &Server<'_>, tool: &str, arguments: &Value) -> Value {
        let answer = self.call_tool(server, tool, arguments);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let result = &answer.json()["result"];
        assert_eq!(result["isError"], false, "{result}");
        result["structuredContent"]["result"].clone()
    }

    /// The request with a batch for site 1.
    pub fn batch(&self, hits: &[Value]) -> Request {
        self.sign(post_json("/api/v1/sites/1/hits", &json!({ "hits": hits }).to_string()))
    }

    /// Sends a batch, which must be taken.
    pub fn send(&self, server: &Server<'_>, hits: &[Value]) -> Value {
        let answer = server.ask(&self.batch(hits));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }
}

/// A message to the endpoint for assistants.
pub fn mcp_message(method: &str, params: &Value) -> Request {
    post_json("/mcp", &json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }).to_string())
}

/// A page view of a visitor at this address, with an id.
pub fn hit(id: &str, address: &str, path: &str) -> Value {
    json!({ "id": id, "href": path, "ip_address": address, "user_agent": super::harness::BROWSER })
}
