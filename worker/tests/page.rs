//! What is a page, what is not found, and what each is answered with.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod harness;

use axum::body::Body;
use harness::{Answer, Edge, PAGE};
use http::{Request, StatusCode};
use tepal_api::pages;

/// As Chromium asks for what stands in its address bar.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"];

/// Paths that look like routes, pages or files and are none.
const NOWHERE: [&str; 26] = [
    "/nowhere",
    "/health/",
    "/readyz/",
    "/livez/",
    "/metrics/",
    "/redoc/",
    "/openapi.json/",
    "/api/v1/model/",
    "/predict/",
    "/healthz",
    "/Health",
    "/status",
    "/metrics.json",
    "/openapi.yaml",
    "/openapi",
    "/favicon.ico",
    "/index.php",
    "/.env",
    "/docs/index.html",
    "/monitor/today",
    "/monitor.html",
    "/Monitor",
    "/monitors",
    "/%6Donitor",
    "//monitor",
    "/api",
];

async fn ask(edge: &Edge, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    edge.send(request.body(Body::empty()).unwrap()).await
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn each_path_of_the_page_is_answered_with_its_document() {
    let edge = Edge::new();
    let with_slash = pages::ALL.iter().skip(1).map(|path| format!("{path}/"));
    let paths = pages::ALL.iter().map(|path| (*path).to_owned()).chain(with_slash);
    for path in paths.chain(["/monitor?from=2026-01-01".into()]) {
        for accept in [BROWSER, "*/*", "application/json"] {
            let answer = ask(&edge, "GET", &path, &[("accept", accept)]).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert_eq!(answer.text, PAGE);
            assert_eq!(header(&answer, "content-type"), Some("text/html"));
        }
        let head = ask(&edge, "HEAD", &path, &[]).await;
        assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""));
        assert_eq!(header(&head, "content-type"), Some("text/html"));
    }
}

#[tokio::test]
async fn the_document_keeps_its_own_policy_and_loses_what_was_of_another_transfer() {
    let answer = Edge::new().get("/train").await;
    assert_eq!(header(&answer, "content-security-policy"), Some("default-src 'self'"));
    assert_eq!(header(&answer, "cache-control"), Some("public, max-age=0, must-revalidate"));
    assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"));
    for name in ["content-encoding", "allow", "cf-cache-status"] {
        assert_eq!(header(&answer, name), None, "{name}");
    }
    assert_ne!(header(&answer, "content-length"), Some("7"));
}

#[tokio::test]
async fn a_document_that_is_known_is_not_sent_again() {
    let edge = Edge::new();
    for known in ["\"0f\"", "W/\"0f\"", "\"a\", \"0f\"", "*"] {
        let answer = ask(&edge, "GET", "/runs", &[("if-none-match", known)]).await;
        assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(answer.text, "");
        assert_eq!(header(&answer, "etag"), Some("\"0f\""));
    }
    for other in ["\"0e\"", "0", ""] {
        let answer = ask(&edge, "GET", "/runs", &[("if-none-match", other)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{other}");
    }
}

#[tokio::test]
async fn a_path_of_the_page_tells_the_methods_that_it_answers() {
    let edge = Edge::new();
    for method in ["POST", "PUT", "DELETE", "PROPFIND"] {
        let answer = ask(&edge, method, "/monitor", &[("accept", BROWSER)]).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(header(&answer, "allow"), Some("GET,HEAD"));
        assert_eq!(answer.json()["type"], "/docs#method-not-allowed");
    }
    let answer = ask(&edge, "OPTIONS", "/monitor/", &[]).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn where_nothing_is_programs_are_told_so_whatever_the_method() {
    let edge = Edge::new();
    for path in NOWHERE {
        for method in METHODS {
            for accept in ["application/json", "*/*", "image/*", ""] {
                let answer = ask(&edge, method, path, &[("accept", accept)]).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
                assert_eq!(header(&answer, "content-type"), Some("application/problem+json"));
                assert_eq!(header(&answer, "cache-control"), Some("no-store"));
                if method == "HEAD" {
                    assert_eq!(answer.text, "");
                } else {
                    assert_eq!(answer.json()["type"], "/docs#not-found", "{method} {path}");
                }
            }
        }
    }
}

#[tokio::test]
async fn where_nothing_is_a_browser_gets_the_page_and_the_same_status() {
    let edge = Edge::new();
    let known = [("accept", BROWSER), ("if-none-match", "\"0f\"")];
    for path in ["/nowhere", "/health/", "/healthz", "/monitor/today", "/data.html", "/api/v1/a"] {
        let answer = ask(&edge, "GET", path, &known).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.text, PAGE);
        assert_eq!(header(&answer, "content-type"), Some("text/html"));
        assert_eq!(header(&answer, "content-security-policy"), Some("default-src 'self'"));
        assert_eq!(header(&answer, "cache-control"), Some("no-store"));
        assert_eq!(header(&answer, "etag"), None);
        assert_eq!(header(&answer, "vary"), Some("accept"));
        let head = ask(&edge, "HEAD", path, &known).await;
        assert_eq!((head.status, head.text.as_str()), (StatusCode::NOT_FOUND, ""));
        assert_eq!(header(&head, "content-type"), Some("text/html"));
    }
}

#[tokio::test]
async fn a_browser_that_sends_or_wants_a_file_gets_no_page() {
    let edge = Edge::new();
    let cases = [
        ("POST", "/nowhere"),
        ("DELETE", "/healthz"),
        ("GET", "/favicon.ico"),
        ("GET", "/metrics.json"),
        ("HEAD", "/openapi.yaml"),
        ("GET", "/app-0000000000000000.js"),
    ];
    for (method, path) in cases {
        let answer = ask(&edge, method, path, &[("accept", BROWSER)]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
        assert_eq!(header(&answer, "content-type"), Some("application/problem+json"));
    }
}

#[tokio::test]
async fn without_its_files_the_page_says_so_and_the_rest_goes_on() {
    let edge = Edge::without_a_page();
    let answer = edge.get("/monitor").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["type"], "/docs#page-unavailable");
    let answer = ask(&edge, "GET", "/nowhere", &[("accept", BROWSER)]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.json()["type"], "/docs#not-found");
    assert_eq!(edge.get("/health").await.status, StatusCode::OK);
}

#[tokio::test]
async fn unknown_paths_are_counted_together_and_pages_by_themselves() {
    let edge = Edge::new();
    edge.get("/nowhere").await;
    edge.get("/elsewhere").await;
    edge.get("/monitor").await;
    let text = edge.get("/metrics").await.text;
    for series in [
        r#"tepal_requests_total{route="other",method="GET",status="4xx"} 2"#,
        r#"tepal_requests_total{route="/monitor",method="GET",status="2xx"} 1"#,
    ] {
        assert!(text.contains(series), "{series}\n{text}");
    }
    assert!(!text.contains("nowhere"));
}
