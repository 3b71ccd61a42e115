//! A job and a world in which some of what it needs is missing.
//!
//! The request comes from the members that a template declares, so a new template is drawn from without a change here. What the job
//! needs is asked of the simulator in a world that lists things and has no policies; policies are then drawn for each permission.

mod policies;
mod request;
mod stock;
mod world;

use preclear_simulator::job::{JobReport, JobVerdict, simulate};
use preclear_simulator::{Detail, Engine};
use serde_json::{Value, json};

use self::policies::Policies;
use self::request::Request;
use crate::choose::Choose;
use crate::fuzz::job::template::Template;
use crate::scenario::Scenario;
use crate::world::read;

/// Times that a request which breaks the API's rules is mended.
const REPAIRS: usize = 12;

/// A job file and a snapshot file.
pub(super) fn scenario(choices: &mut impl Choose) -> Scenario {
    let templates: Vec<Template> = Template::all().collect();
    let Some(template) = choices.one_of(&templates) else {
        return Scenario::default();
    };
    let mut request = Request::draw(choices, &template);
    let mut job = frame(choices, &template);
    job["request"] = request.members();
    let said = template.described();
    let mut world = world::listed(choices, &job, &said);
    let mut report = asked(&world, &job);
    for _ in 0..REPAIRS {
        let Some(report_now) = &report else {
            break;
        };
        if report_now.verdict != JobVerdict::Invalid {
            break;
        }
        let fields = report_now.errors.iter().map(|error| error.field.clone());
        let fields: Vec<Option<String>> = fields.collect();
        request.repair(choices, &fields);
        job["request"] = request.members();
        world::list_named(choices, &mut world, &job, &said);
        report = asked(&world, &job);
    }
    if let Some(report) = report {
        world::list_needed(choices, &mut world, &report, &said);
        // What is listed now may say of more that it is needed: the key of a queue, the role of a function.
        let report = asked(&world, &job).unwrap_or(report);
        world::list_needed(choices, &mut world, &report, &said);
        Policies::draw(choices, &world, &report).put(choices, &mut world);
    }
    Scenario {
        snapshot: world,
        request: job,
        ..Scenario::default()
    }
}

/// The job but for its request.
fn frame(choices: &mut impl Choose, template: &Template) -> Value {
    let caller = stock::CALLERS[choices.weighted(&[3, 3, 3, 1, 1])];
    let mut job = json!({
        "operation": template.operation,
        "caller": caller,
        "account": stock::ACCOUNT,
        "region": stock::REGION,
        "mode": "closed",
    });
    if caller.contains(":assumed-role/") && choices.once_in(4) {
        let statements = json!([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]);
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        job["caller"] = json!({"arn": caller, "session_policies": [policy]});
    }
    if choices.once_in(5) {
        job["interface"] = json!("console");
    }
    if choices.once_in(12) {
        job["vpc_endpoint"] = json!(stock::ENDPOINT);
    }
    if choices.once_in(5) {
        job["lifetime"] = json!(true);
    }
    if choices.once_in(8) {
        job["mode"] = json!("open");
    }
    let profiles = template.profiles();
    if let Some(profile) = choices.one_of(&profiles)
        && choices.once_in(2)
    {
        job["profile"] = json!(profile);
    }
    if choices.once_in(6) {
        job["data"] = json!(["s3://in-data/2026/"]);
    }
    job
}

/// What the job needs in a world as it stands; `None` if one of the two is refused.
fn asked(world: &Value, job: &Value) -> Option<JobReport> {
    let engine: Engine = read::engine(world).ok()?;
    let job = read::job(job).ok()?;
    Some(simulate(&engine, &job, Detail::Reasons))
}
