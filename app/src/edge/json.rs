//! JSON as the browser's own values: a reader for each kind of answer would weigh more than all that is shown of
//! them.

use js_sys::{Array, JSON, Object, Reflect};
use serde_json::{Map, Value};
use tepal_api::FeatureValue;
use wasm_bindgen::{JsCast, JsValue};

use crate::view_models::monitor::the_loop::figure;

/// A value of JSON; what is not there is nothing.
pub(super) struct Json(pub(super) JsValue);

impl Json {
    pub(super) fn get(&self, name: &str) -> Self {
        Self(Reflect::get(&self.0, &name.into()).unwrap_or(JsValue::UNDEFINED))
    }

    /// Whether it is missing, or `null`.
    pub(super) fn is_nothing(&self) -> bool {
        self.0.is_undefined() || self.0.is_null()
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).0.as_string().unwrap_or_default()
    }

    pub(super) fn text_if_any(&self, name: &str) -> Option<String> {
        self.get(name).0.as_string()
    }

    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.get(name).0.as_f64()
    }

    /// It, as it is read: a text, a number, or what its JSON says.
    pub(super) fn plain(&self) -> String {
        match (self.0.as_string(), self.0.as_f64()) {
            (Some(text), _) => text,
            (_, Some(number)) => figure(number),
            _ => JSON::stringify(&self.0).map_or_else(|_| String::new(), String::from),
        }
    }

    pub(super) fn count(&self, name: &str) -> u64 {
        self.number(name).unwrap_or(0.0) as u64
    }

    pub(super) fn items(&self, name: &str) -> Vec<Self> {
        let items = self.get(name).0.dyn_into::<Array>().unwrap_or_default();
        items.iter().map(Self).collect()
    }

    /// Its members in their order.
    pub(super) fn members(&self, name: &str) -> Vec<(String, Self)> {
        self.get(name).own_members()
    }

    fn own_members(&self) -> Vec<(String, Self)> {
        let object = self.0.clone().dyn_into::<Object>().unwrap_or_default();
        let entry = |entry: JsValue| {
            let pair = Array::from(&entry);
            (pair.get(0).as_string().unwrap_or_default(), Self(pair.get(1)))
        };
        Object::entries(&object).iter().map(entry).collect()
    }

    pub(super) fn counts(&self, name: &str) -> Vec<(String, u64)> {
        let count = |(name, value): (String, Self)| (name, value.0.as_f64().unwrap_or(0.0) as u64);
        self.members(name).into_iter().map(count).collect()
    }

    pub(super) fn interval(&self, name: &str) -> (f64, f64) {
        let ends = self.get(name).0.dyn_into::<Array>().unwrap_or_default();
        (ends.get(0).as_f64().unwrap_or(0.0), ends.get(1).as_f64().unwrap_or(1.0))
    }

    /// The texts of a list.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        self.items(name).into_iter().filter_map(|text| text.0.as_string()).collect()
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.get(name).0.is_truthy()
    }

    /// The member, if it is neither missing nor `null`.
    pub(super) fn get_if_any(&self, name: &str) -> Option<Self> {
        Some(self.get(name)).filter(|member| member.0.is_truthy())
    }

    /// The same as a value of our own. Numbers are whole ones; what is another is nothing.
    pub(super) fn value(&self) -> Value {
        let Self(value) = self;
        if let Some(text) = value.as_string() {
            return Value::String(text);
        }
        if let Some(truth) = value.as_bool() {
            return Value::Bool(truth);
        }
        if let Some(number) = value.as_f64() {
            let whole = number as i64;
            return if whole as f64 == number { whole.into() } else { Value::Null };
        }
        if Array::is_array(value) {
            return Array::from(value).iter().map(|item| Self(item).value()).collect();
        }
        if value.is_object() { Value::Object(self.map()) } else { Value::Null }
    }

    /// The members as values of our own, see [`value`](Self::value).
    pub(super) fn map(&self) -> Map<String, Value> {
        self.own_members().into_iter().map(|(name, member)| (name, member.value())).collect()
    }
}

/// A value of a row.
pub(super) fn value_of(value: &FeatureValue) -> JsValue {
    match value {
        FeatureValue::Number(number) => JsValue::from_f64(*number),
        FeatureValue::Category(name) => JsValue::from_str(name),
        FeatureValue::Missing => JsValue::NULL,
    }
}

/// An object of these members.
pub(super) fn object<'a>(members: impl Iterator<Item = (&'a str, JsValue)>) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // A plain object takes any member.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object.into()
}
