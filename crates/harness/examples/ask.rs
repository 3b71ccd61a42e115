//! Scratch: asks both about lines of S and R.
use preclear_harness::property::agreement::MODES;
use preclear_harness::reference;
use preclear_harness::world::read;
use preclear_simulator::Detail;
use std::io::Read;
fn main() {
    let verbose = std::env::args().nth(1).is_some();
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let mut snap = serde_json::Value::Null;
    for line in text.lines() {
        if let Some(s) = line.strip_prefix("S ") {
            snap = serde_json::from_str(s).unwrap();
        }
        if let Some(r) = line.strip_prefix("R ") {
            let doc: serde_json::Value = serde_json::from_str(r).unwrap();
            let engine = match read::engine(&snap) {
                Ok(e) => e,
                Err(e) => {
                    println!("refused {e:?}");
                    continue;
                }
            };
            let snapshot = read::snapshot(&snap).unwrap();
            let mut request = match read::request(&doc) {
                Ok(r) => r,
                Err(e) => {
                    println!(
                        "refused {:?}",
                        e.errors().map(|e| e.message.clone()).collect::<Vec<_>>()
                    );
                    continue;
                }
            };
            let own = (request.mode, request.ambiguity);
            for (m, a) in MODES {
                if doc.get("mode").is_some() && (m, a) != own {
                    continue;
                }
                (request.mode, request.ambiguity) = (m, a);
                let x = engine.explain(&request, Detail::Full);
                let y = reference::decide(&snapshot, &request);
                println!(
                    "{m:?} {a:?}: engine {} ref {} ({}) primary {:?} depends {:?} refined {:?} warnings {:?}",
                    x.verdict,
                    y.verdict,
                    y.plain,
                    x.primary.as_ref().map(|p| p.code.name()),
                    x.depends_on,
                    x.refined.len(),
                    x.warnings
                        .iter()
                        .map(|w| w.message.clone())
                        .collect::<Vec<_>>()
                );
                if verbose {
                    println!("{:#?}", x.layers);
                }
            }
        }
    }
}
