//! A whole job: request, checks, rows, answer. Rule: JOB-1…8.

use std::collections::BTreeSet;

use preclear_catalog::{Action, catalog};
use preclear_model::Diagnostic;
use preclear_model::caller::Caller;
use preclear_model::codes::ESCALATION_POSSIBLE;

use crate::codes;
use crate::context::said_warnings;
use crate::engine::{Detail, Engine};
use crate::explanation::{Verdict, Warning};
use crate::job::fix::Origin;
use crate::job::mend::mend;
use crate::job::report::{JobError, JobReport, JobVerdict, Requirement};
use crate::job::request::JobRequest;
use crate::job::scope::Scope;
use crate::job::setting::{self, Setting};
use crate::job::template::Row;
use crate::job::template::library::{Found, JobTemplates};
use crate::job::template::shape::Format;
use crate::job::{checks, existence, fields, format, row, verdict};
use crate::near::nearest_operation;
use crate::service::kms::escalation;

/// Answers whether a job will run, with every permission that it needs. Rule: JOB-4.
///
/// Never fails: a job that cannot be decided gets the verdict `INVALID`, with what is wrong with it.
///
/// ```
/// use preclear_model::caller::Caller;
/// use preclear_simulator::job::{JobRequest, JobVerdict, simulate};
/// use preclear_simulator::{Detail, Engine, Snapshot};
///
/// let engine = Engine::compile(Snapshot { complete: true, ..Snapshot::default() });
/// let caller = Caller::parse("arn:aws:iam::111122223333:role/Recommender").unwrap();
/// let mut job = JobRequest {
///     region: Some("us-west-2".to_owned()),
///     ..JobRequest::new("group", "personalize:CreateDatasetGroup", caller)
/// };
/// job.request.insert("name".to_owned(), "films".into());
/// job.request.insert("roleArn".to_owned(), "arn:aws:iam::111122223333:role/PersonalizeRole".into());
/// let report = simulate(&engine, &job, Detail::Reasons);
/// assert_eq!(report.verdict, JobVerdict::Invalid);
/// assert_eq!(report.errors[0].code, "FIELD_DEPENDENCY");
/// ```
#[must_use]
pub fn simulate(engine: &Engine, job: &JobRequest, detail: Detail) -> JobReport {
    let mut report = blank(engine, job);
    let outcome = match job.templates.find(&job.operation) {
        Some(found) => expand(engine, job, found, detail, &mut report),
        None => Err(vec![unknown_operation(&job.operation, &job.templates)]),
    };
    match outcome {
        Ok(requirements) => {
            report.verdict = verdict::of(&requirements);
            let without_parts: Vec<Warning> =
                requirements.iter().filter_map(row::warning).collect();
            push_new(&mut report.warnings, &without_parts);
            if matches!(report.verdict, JobVerdict::Allowed | JobVerdict::Gaps) {
                let unusable: Vec<Warning> =
                    requirements.iter().filter_map(row::unusable_key).collect();
                push_new(&mut report.warnings, &unusable);
            }
            for part in requirements
                .iter()
                .flat_map(|requirement| &requirement.parts)
            {
                let warnings = part.result.warnings.iter();
                let told = |warning: &Warning| {
                    is_told_by_job(engine, warning)
                        || is_key_told(&report.warnings, warning, &part.resource)
                };
                let own: Vec<&Warning> = warnings.filter(|warning| !told(warning)).collect();
                let of_job = |warning: &Warning| {
                    escalation::of_job(warning, &part.principal, &part.result.resource)
                        .unwrap_or_else(|| warning.clone())
                };
                let own: Vec<Warning> = own.into_iter().map(of_job).collect();
                push_new(&mut report.warnings, &own);
            }
            push_new(&mut report.warnings, &unused_context(job, &requirements));
            existence::check_actors(
                engine,
                job.caller.as_ref(),
                &requirements,
                &mut report.warnings,
            );
            let proposal = mend(engine, &requirements, Origin::Template, |mended| {
                job.templates
                    .find(&job.operation)
                    .and_then(|found| {
                        expand(mended, job, found, Detail::Reasons, &mut blank(engine, job)).ok()
                    })
                    .unwrap_or_default()
            });
            report.obstacles = proposal.lines();
            report.fixes = proposal.fixes;
            report.requirements = requirements;
        }
        Err(errors) => report.errors = errors,
    }
    if let Some(source) = &job.source {
        for error in &mut report.errors {
            error.place = Some(source.place_of(error.field.as_deref()));
        }
        // What policies let a principal do stands in no job.
        let of_job = |warning: &&mut Warning| warning.code != ESCALATION_POSSIBLE.name;
        for warning in report.warnings.iter_mut().filter(of_job) {
            if warning.place.is_none() {
                warning.place = Some(source.place_of_value(&warning.message));
            }
        }
    }
    report
}

/// The rows of a valid job.
fn expand(
    engine: &Engine,
    job: &JobRequest,
    found: Found<'_>,
    detail: Detail,
    report: &mut JobReport,
) -> Result<Vec<Requirement>, Vec<JobError>> {
    report.operation.clone_from(&found.operation.operation);
    report.warnings.extend(setting::profile_warning(job, found));
    let checked = fields::check(
        &job.request,
        &found.operation.fields,
        &engine.snapshot().names,
    );
    report
        .warnings
        .extend(checked.warnings.into_iter().map(|(field, warning)| {
            let source = job.source.as_ref();
            warning.at(source.map(|source| source.place_of(Some(&field))))
        }));
    let mut errors = checked.errors;
    let setting = match Setting::of(engine, job, found) {
        Ok(setting) => setting,
        Err(more) => {
            errors.extend(more);
            return Err(errors);
        }
    };
    let mut scope = Scope::new(engine, job, &setting, found.plan);
    let fields = &found.operation.fields;
    scope.session_policies = fields::of_format(&job.request, fields, Format::SessionPolicy)
        .into_iter()
        .filter_map(|(name, text)| format::session_policy(text, name))
        .collect();
    let template = found.template;
    let checks = found.operation.checks.iter().chain(&template.checks);
    for error in checks.flat_map(|check| checks::run(&scope, check)) {
        // An operation's own check comes first and knows the member.
        if !errors
            .iter()
            .any(|own| own.code == error.code && own.message == error.message)
        {
            errors.push(error);
        }
    }
    errors.extend(without_caller(&scope, &template.requirements));
    if !errors.is_empty() {
        return Err(errors);
    }
    for existence in &template.exists {
        push_new(&mut report.warnings, &existence::check(&scope, existence));
    }
    let warned = template
        .warnings
        .iter()
        .filter(|warning| scope.holds(&warning.when));
    report.warnings.extend(
        warned.map(|warning| Warning::new(warning.code.0, scope.message(&warning.message))),
    );
    let requirements: Vec<Requirement> = template
        .requirements
        .iter()
        .map(|row| row::requirement(&scope, row, detail))
        .collect();
    let errors = undecidable(&requirements);
    if errors.is_empty() {
        Ok(requirements)
    } else {
        Err(errors)
    }
}

/// The caller may be left out where only services act, and rows of others that would ask for them do not apply.
fn without_caller(scope: &Scope<'_>, rows: &[Row]) -> Option<JobError> {
    if scope.job.caller.is_some() {
        return None;
    }
    let mut rows = rows.iter();
    let asking = rows.find(|row| row.asks_caller() && row::applies(scope, row))?;
    let message = format!(
        "nobody says who submits the job, and {} is asked of the caller",
        asking.id
    );
    Some(JobError::new(&codes::CALLER_MISSING, message))
}

/// Questions that cannot be asked make the job invalid: they must not pass for answers.
fn undecidable(requirements: &[Requirement]) -> Vec<JobError> {
    let mut errors: Vec<JobError> = Vec::new();
    for requirement in requirements {
        let invalid = requirement
            .parts
            .iter()
            .filter(|part| part.result.verdict == Verdict::Invalid);
        for diagnostic in invalid.flat_map(|part| &part.result.errors) {
            let error = error_of(diagnostic, &requirement.id);
            if !errors.iter().any(|own| own.code == error.code) {
                errors.push(error);
            }
        }
    }
    errors
}

fn error_of(diagnostic: &Diagnostic, id: &str) -> JobError {
    JobError {
        code: diagnostic.code.to_owned(),
        field: None,
        place: None,
        message: format!("{id} cannot be decided: {}", diagnostic.message),
        rule: diagnostic.rule.map(str::to_owned),
        help: diagnostic.help.clone(),
    }
}

/// The job's own rows ask for the keys of its objects, and of a complete snapshot it says who is not listed.
fn is_told_by_job(engine: &Engine, warning: &Warning) -> bool {
    warning.code == codes::KEY_PERMISSION_NEEDED_TOO.name
        || (warning.code == codes::UNLISTED_CALLER.name && engine.snapshot().complete)
}

/// True for a key that the job has named already as something that the snapshot does not list.
fn is_key_told(told: &[Warning], warning: &Warning, key: &str) -> bool {
    let names_key = |told: &Warning| {
        told.code == codes::UNKNOWN_RESOURCE.name && told.message.contains(&format!("`{key}`"))
    };
    warning.code == codes::UNKNOWN_KEY.name && told.iter().any(names_key)
}

/// Keys of the job's context that none of its calls carries. Rule: IAM-CTX-7.
fn unused_context(job: &JobRequest, requirements: &[Requirement]) -> Vec<Warning> {
    let parts = requirements
        .iter()
        .flat_map(|requirement| &requirement.parts);
    let actions: Vec<Action<'_>> = parts
        .filter_map(|part| {
            let (service, name) = part.action.split_once(':')?;
            catalog().action(service, name)
        })
        .collect();
    let said = job.context.keys().chain(&job.unknown).chain(&job.present);
    said_warnings::of_job(said, &actions)
}

fn push_new(all: &mut Vec<Warning>, more: &[Warning]) {
    for warning in more {
        if !all.contains(warning) {
            all.push(warning.clone());
        }
    }
}

/// Says which operations are known: those of the template or service that was asked about, else which services there are.
fn unknown_operation(asked: &str, templates: &JobTemplates) -> JobError {
    let known = templates.list();
    let of_template: Vec<&str> = known
        .iter()
        .filter(|known| known.id.eq_ignore_ascii_case(asked))
        .map(|known| known.operation)
        .collect();
    if !of_template.is_empty() {
        let message = format!("the template `{asked}` describes several operations");
        let help = format!("name one of them: {}", of_template.join(", "));
        return JobError::new(&codes::UNKNOWN_OPERATION, message).help(help);
    }
    let operations = || known.iter().map(|known| known.operation);
    let prefix = |known: &str| known.split_once(':').map(|(service, _)| service.to_owned());
    let service = asked.split_once(':').map_or(asked, |(service, _)| service);
    let mut of_service: Vec<&str> = operations()
        .filter(|known| prefix(known).is_some_and(|own| own.eq_ignore_ascii_case(service)))
        .collect();
    // What no single operation starts has its template's id for a name.
    let host = format!("{}.amazonaws.com", service.to_ascii_lowercase());
    let without = known
        .iter()
        .filter(|known| known.service == host && !known.operation.contains(':'));
    of_service.extend(without.map(|known| known.operation));
    let listed = if of_service.is_empty() {
        let services =
            operations().map(|known| known.split_once(':').map_or(known, |(own, _)| own));
        let services: BTreeSet<&str> = services.collect();
        let services: Vec<&str> = services.into_iter().collect();
        format!("there are jobs of: {}", services.join(", "))
    } else {
        format!("of {service} these are known: {}", of_service.join(", "))
    };
    let message = format!("no template describes the operation `{asked}`");
    let meant = nearest_operation(asked, operations())
        .map(|nearest| format!("did you mean `{nearest}`? "))
        .unwrap_or_default();
    let help = format!("{meant}{listed}; `--template FILE` adds one of your own");
    JobError::new(&codes::UNKNOWN_OPERATION, message).help(help)
}

fn blank(engine: &Engine, job: &JobRequest) -> JobReport {
    JobReport {
        name: job.name.clone(),
        operation: job.operation.clone(),
        caller: job.caller.as_ref().map(Caller::display_arn),
        verdict: JobVerdict::Invalid,
        errors: Vec::new(),
        warnings: Vec::new(),
        requirements: Vec::new(),
        fixes: Vec::new(),
        obstacles: Vec::new(),
        is_complete: engine.snapshot().complete,
    }
}
