//! The JSON schemas of tools, made from the same types as the `OpenAPI` document.

use rmcp::model::JsonObject;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// The place of a document's schemas, and that within a schema alone.
const IN_DOCUMENT: &str = "#/components/schemas/";
const IN_SCHEMA: &str = "#/$defs/";

/// Returns the schema of a type, with those that it refers to.
pub fn of<T: ToSchema>() -> JsonObject {
    let mut others: Vec<(String, RefOr<Schema>)> = Vec::new();
    T::schemas(&mut others);
    let mut schema = object(&T::schema());
    let others: JsonObject =
        others.iter().map(|(name, schema)| (name.clone(), Value::Object(object(schema)))).collect();
    if !others.is_empty() {
        schema.insert("$defs".to_owned(), Value::Object(others));
    }
    let mut schema = Value::Object(schema);
    refer_inside(&mut schema);
    match schema {
        Value::Object(members) => members,
        _ => JsonObject::new(),
    }
}

/// Returns the schema of the arguments of a tool about one site: those of a type, and the id of the site.
pub fn of_site<T: ToSchema>() -> JsonObject {
    let mut schema = of::<T>();
    let id =
        json!({"type": "string", "description": "The id of the site, from list_sites.", "examples": ["1"]});
    if let Some(properties) = schema.entry("properties").or_insert_with(|| json!({})).as_object_mut() {
        properties.insert("site_id".to_owned(), id);
    }
    if let Some(required) = schema.entry("required").or_insert_with(|| json!([])).as_array_mut() {
        required.insert(0, "site_id".into());
    }
    schema
}

/// Returns the schema of an answer: the result of a tool, with the mark on texts of visitors.
pub fn of_answer<T: ToSchema>() -> JsonObject {
    let mut result = of::<T>();
    let others = result.remove("$defs");
    let mark = json!({"type": "string", "description": "How to read the texts in the result."});
    let asked = json!({"type": "object", "description": "The tool and the arguments that this answers."});
    let url =
        json!({"type": "string", "description": "The screen that shows the same, for the user to open."});
    let mut schema = JsonObject::new();
    schema.insert("type".to_owned(), Value::from("object"));
    schema.insert(
        "properties".to_owned(),
        json!({"about_texts": mark, "asked": asked, "url": url, "result": result}),
    );
    schema.insert("required".to_owned(), json!(["about_texts", "asked", "result"]));
    if let Some(others) = others {
        schema.insert("$defs".to_owned(), others);
    }
    schema
}

fn object(schema: &RefOr<Schema>) -> JsonObject {
    match serde_json::to_value(schema) {
        Ok(Value::Object(members)) => members,
        _ => JsonObject::new(),
    }
}

/// Turns references into a document to those within the schema.
fn refer_inside(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "$ref" => *text = text.replacen(IN_DOCUMENT, IN_SCHEMA, 1),
                    member => refer_inside(member),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(refer_inside),
        _ => {}
    }
}
