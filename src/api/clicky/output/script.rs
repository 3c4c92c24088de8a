//! The JavaScript around a JSON reply, for pages that load replies as scripts (JSONP).

use crate::limits;

/// The JavaScript that hands a JSON reply to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    before: String,
    after: &'static str,
}

impl Script {
    /// Returns the call of a function (`json_callback`), or else the assignment to a variable (`json_var`), if one of
    /// these parameters has a value.
    ///
    /// The name is all that a stranger can put in front of a site's data, so only names are taken, and only short ones:
    /// a long one could make the reply a file of another kind
    /// (<https://miki.it/blog/2014/7/8/abusing-jsonp-with-rosetta-flash/>). A comment in front of the name would prevent
    /// that too, but clients that strip the name themselves expect it first.
    ///
    /// # Errors
    ///
    /// Fails with the sentence of the error reply when the name is none of JavaScript's.
    pub fn from_params(callback: Option<&str>, variable: Option<&str>) -> Result<Option<Self>, &'static str> {
        let given = |name: Option<&str>| name.filter(|name| !name.is_empty()).map(str::to_owned);
        if let Some(name) = given(callback) {
            let is_name = is_short(&name) && name.split('.').all(is_identifier);
            let call = Self { before: format!("{name}("), after: ")" };
            return if is_name { Ok(Some(call)) } else { Err("Invalid json_callback.") };
        }
        let Some(name) = given(variable) else { return Ok(None) };
        let is_name = is_short(&name) && is_identifier(&name);
        let assignment = Self { before: format!("var {name} = "), after: ";" };
        if is_name { Ok(Some(assignment)) } else { Err("Invalid json_var.") }
    }

    /// Returns the script with this JSON. No HTML parser finds the end of the script in it, and no engine from before
    /// 2019 an end of the line (<https://tc39.es/proposal-json-superset/>).
    pub fn wrap(&self, json: &str) -> String {
        let json = json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
        format!("{}{json}{}", self.before, self.after)
    }
}

fn is_short(name: &str) -> bool {
    name.len() <= limits::SCRIPT_NAME_BYTES_MAX
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| !first.is_ascii_digit())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str) -> Result<String, &'static str> {
        Script::from_params(Some(name), None).map(|script| script.unwrap().wrap("[]"))
    }

    #[test]
    fn a_script_calls_a_function_or_sets_a_variable() {
        for name in ["cb", "$", "_0", "jQuery17205414848272688687_1354870000", "angular.callbacks._0"] {
            assert_eq!(call(name), Ok(format!("{name}([])")));
        }
        let script = Script::from_params(None, Some("clicky_stats")).unwrap().unwrap();
        assert_eq!(script.wrap("[]"), "var clicky_stats = [];");
        let both = Script::from_params(Some("cb"), Some("clicky_stats")).unwrap().unwrap();
        assert_eq!(both.wrap("[]"), "cb([])");
        assert_eq!(Script::from_params(None, None), Ok(None));
        assert_eq!(Script::from_params(Some(""), Some("")), Ok(None));
    }

    #[test]
    fn a_name_is_a_short_name_and_no_code() {
        let long = "a".repeat(limits::SCRIPT_NAME_BYTES_MAX + 1);
        let names =
            ["alert(1)//", "a b", "0a", "a.", ".a", "a..b", "a.0", "a[0]", "a;b", "<b>", "é", "a\n", &long];
        for name in names {
            assert_eq!(call(name), Err("Invalid json_callback."), "{name}");
            assert_eq!(Script::from_params(None, Some(name)), Err("Invalid json_var."), "{name}");
        }
        assert_eq!(Script::from_params(None, Some("a.b")), Err("Invalid json_var."));
        assert!(call(&long[1..]).is_ok());
    }

    #[test]
    fn no_text_ends_the_script() {
        let script = Script::from_params(Some("cb"), None).unwrap().unwrap();
        let json = "[\"</script><!--<script>\u{2028}\u{2029}\"]";
        let wrapped = script.wrap(json);
        assert!(!wrapped.contains(['<', '\u{2028}', '\u{2029}']), "{wrapped}");
        let inside = wrapped.strip_prefix("cb(").unwrap().strip_suffix(')').unwrap();
        let read = |json| serde_json::from_str::<Vec<String>>(json).unwrap();
        assert_eq!(read(inside), read(json));
    }
}
