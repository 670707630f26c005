//! A graph under construction: constants and operations, each with a name of its own.
//!
//! Nodes are appended, and an operation can only name what is there, so that the order is always
//! one in which a runtime can go.

use std::collections::BTreeSet;

use super::proto::{
    self, Attribute, AttributeKind, Axis, Element, Length, Node, Shape, Tensor, TensorType, Type,
    ValueInfo,
};

/// The domain of the operators for classical machine learning.
pub(super) const ML: &str = "ai.onnx.ml";

/// Something that an operation can take: an input, a constant or a result.
#[derive(Debug, Clone)]
pub(super) struct Value(String);

impl Value {
    /// Its name in the file.
    pub(super) fn name(&self) -> &str {
        &self.0
    }
}

/// The length of an axis of an input or output.
#[derive(Debug, Clone, Copy)]
pub(super) enum Dim {
    /// As many as there are rows.
    Rows,
    /// So many.
    Of(usize),
}

/// A graph that grows.
#[derive(Debug)]
pub(super) struct Graph {
    graph: proto::Graph,
    names: BTreeSet<String>,
}

impl Graph {
    /// An empty graph; `outputs` are kept free for its results.
    pub(super) fn new(name: &str, outputs: &[&str]) -> Self {
        let graph = proto::Graph { name: name.to_owned(), ..proto::Graph::default() };
        Self { graph, names: outputs.iter().map(|&name| name.to_owned()).collect() }
    }

    /// What was built.
    pub(super) fn finish(self) -> proto::Graph {
        self.graph
    }

    /// An input, named as closely to `name` as ONNX allows.
    pub(super) fn input(&mut self, name: &str, element: Element, shape: &[Dim]) -> Value {
        let value = self.named(&identifier(name));
        self.graph.input.push(info(value.name(), element, shape, name));
        value
    }

    /// A constant of doubles.
    pub(super) fn doubles(&mut self, name: &str, dims: &[usize], numbers: &[f64]) -> Value {
        let raw = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.numbers(name, Element::Double, dims, raw)
    }

    /// A constant of numbers in the precision of `element`.
    pub(super) fn reals(
        &mut self,
        name: &str,
        element: Element,
        dims: &[usize],
        numbers: &[f64],
    ) -> Value {
        if element == Element::Double {
            return self.doubles(name, dims, numbers);
        }
        let raw = numbers.iter().flat_map(|number| (*number as f32).to_le_bytes()).collect();
        self.numbers(name, Element::Float, dims, raw)
    }

    /// A constant of whole numbers.
    pub(super) fn ints(&mut self, name: &str, dims: &[usize], numbers: &[i64]) -> Value {
        let raw = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.numbers(name, Element::Int64, dims, raw)
    }

    /// A constant list of texts.
    pub(super) fn strings(&mut self, name: &str, texts: &[String]) -> Value {
        let value = self.named(name);
        self.graph.initializer.push(Tensor {
            dims: vec![texts.len() as i64],
            data_type: Element::String.into(),
            string_data: texts.iter().map(|text| text.clone().into_bytes()).collect(),
            name: value.name().to_owned(),
            raw_data: Vec::new(),
        });
        value
    }

    /// The result of a standard operation without attributes.
    pub(super) fn op(&mut self, op_type: &str, inputs: &[&Value]) -> Value {
        self.op_with(op_type, inputs, Vec::new())
    }

    /// The result of a standard operation.
    pub(super) fn op_with(
        &mut self,
        op_type: &str,
        inputs: &[&Value],
        attributes: Vec<Attribute>,
    ) -> Value {
        let result = self.named(&op_type.to_lowercase());
        self.push("", op_type, inputs, attributes, &result);
        result
    }

    /// The result of an operation of `ai.onnx.ml`.
    pub(super) fn ml(&mut self, op_type: &str, input: &Value, attributes: Vec<Attribute>) -> Value {
        let result = self.named(&op_type.to_lowercase());
        self.push(ML, op_type, &[input], attributes, &result);
        result
    }

    /// A standard operation whose result is the output `name`, one of those kept free.
    pub(super) fn output(
        &mut self,
        name: &str,
        (element, shape): (Element, &[Dim]),
        op_type: &str,
        inputs: &[&Value],
        attributes: Vec<Attribute>,
    ) {
        let result = Value(name.to_owned());
        self.push("", op_type, inputs, attributes, &result);
        self.graph.output.push(info(name, element, shape, ""));
    }

    /// `value` in another precision.
    pub(super) fn cast(&mut self, value: &Value, to: Element) -> Value {
        self.op_with("Cast", &[value], vec![cast_to(to)])
    }

    /// The columns of `value` at these places.
    pub(super) fn columns(&mut self, value: &Value, places: &[i64]) -> Value {
        let places = self.ints("columns", &[places.len()], places);
        self.op_with("Gather", &[value, &places], vec![int("axis", 1)])
    }

    /// `value` kept within `least` and `most`.
    pub(super) fn clip(&mut self, value: &Value, least: f64, most: f64) -> Value {
        let least = self.doubles("least", &[], &[least]);
        let most = self.doubles("most", &[], &[most]);
        self.op("Clip", &[value, &least, &most])
    }

    /// The sum along `axis`, which is left out of the result.
    pub(super) fn sum(&mut self, value: &Value, axis: i64) -> Value {
        let axes = self.ints("axes", &[1], &[axis]);
        self.op_with("ReduceSum", &[value, &axes], vec![int("keepdims", 0)])
    }

    /// `value` with new axes of length 1.
    pub(super) fn unsqueeze(&mut self, value: &Value, axes: &[i64]) -> Value {
        let axes = self.ints("axes", &[axes.len()], axes);
        self.op("Unsqueeze", &[value, &axes])
    }

    /// `value` in another shape; -1 stands for the number of rows.
    pub(super) fn reshape(&mut self, value: &Value, shape: &[i64]) -> Value {
        let shape = self.ints("shape", &[shape.len()], shape);
        self.op("Reshape", &[value, &shape])
    }

    /// Columns side by side.
    pub(super) fn concat(&mut self, parts: &[Value]) -> Value {
        match parts {
            [only] => only.clone(),
            _ => {
                let parts: Vec<&Value> = parts.iter().collect();
                self.op_with("Concat", &parts, vec![int("axis", 1)])
            }
        }
    }

    fn numbers(&mut self, name: &str, element: Element, dims: &[usize], raw: Vec<u8>) -> Value {
        let value = self.named(name);
        self.graph.initializer.push(Tensor {
            dims: dims.iter().map(|&dim| dim as i64).collect(),
            data_type: element.into(),
            string_data: Vec::new(),
            name: value.name().to_owned(),
            raw_data: raw,
        });
        value
    }

    fn push(
        &mut self,
        domain: &str,
        op_type: &str,
        inputs: &[&Value],
        attribute: Vec<Attribute>,
        result: &Value,
    ) {
        self.graph.node.push(Node {
            input: inputs.iter().map(|value| value.name().to_owned()).collect(),
            output: vec![result.name().to_owned()],
            name: result.name().to_owned(),
            op_type: op_type.to_owned(),
            attribute,
            domain: domain.to_owned(),
        });
    }

    /// A name that nothing has yet: `name`, or it with the first free number from 2.
    fn named(&mut self, name: &str) -> Value {
        let mut free = name.to_owned();
        let mut number = 2;
        while !self.names.insert(free.clone()) {
            free = format!("{name}_{number}");
            number += 1;
        }
        Value(free)
    }
}

/// A whole number as an attribute.
pub(super) fn int(name: &str, i: i64) -> Attribute {
    Attribute { i, ..attribute(name, AttributeKind::Int) }
}

/// Whole numbers as an attribute.
pub(super) fn ints(name: &str, ints: Vec<i64>) -> Attribute {
    Attribute { ints, ..attribute(name, AttributeKind::Ints) }
}

/// Numbers of single precision as an attribute.
pub(super) fn floats(name: &str, floats: Vec<f32>) -> Attribute {
    Attribute { floats, ..attribute(name, AttributeKind::Floats) }
}

/// Texts as an attribute.
pub(super) fn strings<'a>(name: &str, texts: impl IntoIterator<Item = &'a str>) -> Attribute {
    let strings = texts.into_iter().map(|text| text.as_bytes().to_vec()).collect();
    Attribute { strings, ..attribute(name, AttributeKind::Strings) }
}

/// A text as an attribute.
pub(super) fn string(name: &str, text: &str) -> Attribute {
    Attribute { s: text.as_bytes().to_vec(), ..attribute(name, AttributeKind::String) }
}

/// The attribute of `Cast`.
pub(super) fn cast_to(element: Element) -> Attribute {
    int("to", i32::from(element).into())
}

fn attribute(name: &str, kind: AttributeKind) -> Attribute {
    Attribute { name: name.to_owned(), kind: kind.into(), ..Attribute::default() }
}

fn info(name: &str, element: Element, shape: &[Dim], doc_string: &str) -> ValueInfo {
    let axis = |dim: &Dim| Axis {
        length: Some(match dim {
            Dim::Rows => Length::Named("N".to_owned()),
            Dim::Of(length) => Length::Known(*length as i64),
        }),
    };
    let shape = Some(Shape { axes: shape.iter().map(axis).collect() });
    let tensor = Some(TensorType { element: element.into(), shape });
    ValueInfo {
        name: name.to_owned(),
        kind: Some(Type { tensor }),
        doc_string: doc_string.to_owned(),
    }
}

/// `name` as an identifier of C, which ONNX asks names to be.
fn identifier(name: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let text: String = name.chars().map(fits).collect();
    match text.chars().next() {
        Some(first) if !first.is_ascii_digit() => text,
        _ => format!("_{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_named_after_their_columns() {
        let mut graph = Graph::new("test", &["label"]);
        let mut named = |name: &str| {
            graph.input(name, Element::Float, &[Dim::Rows, Dim::Of(1)]).name().to_owned()
        };
        assert_eq!(named("bill_length_mm"), "bill_length_mm");
        assert_eq!(named("petal length (cm)"), "petal_length__cm_");
        assert_eq!(named("petal length [cm]"), "petal_length__cm__2");
        assert_eq!(named("2nd"), "_2nd");
        assert_eq!(named(""), "_");
        assert_eq!(named("label"), "label_2", "an output has that name");
        let graph = graph.finish();
        assert_eq!(graph.input[1].doc_string, "petal length (cm)");
    }

    #[test]
    fn no_two_values_have_one_name() {
        let mut graph = Graph::new("test", &["label"]);
        let one = graph.doubles("one", &[], &[1.0]);
        let first = graph.op("Add", &[&one, &one]);
        let second = graph.op("Add", &[&first, &one]);
        let again = graph.doubles("one", &[], &[1.0]);
        assert_eq!([first.name(), second.name(), again.name()], ["add", "add_2", "one_2"]);
        let graph = graph.finish();
        assert_eq!(graph.node[1].input, ["add", "one"]);
        assert_eq!(graph.initializer[0].raw_data, 1.0_f64.to_le_bytes());
    }
}
