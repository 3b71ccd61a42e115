#!/usr/bin/env bash
# Collects what preclear reads of one AWS account, with the AWS CLI, into the folders that docs/inputs.md describes.
# It only reads: every call is a get, list or describe.

# Other shells stop at what follows, without a word that says why.
[ -n "${BASH_VERSION:-}" ] || { echo "collect.sh: this is a script for bash: run it by itself, or by 'bash collect.sh'" >&2; exit 2; }

set -euo pipefail

# bash 3.2, which macOS has, is enough: no associative arrays, no mapfile.

usage() {
  cat <<'HELP'
usage: collect.sh [OPTIONS] FOLDER

Writes the outputs of read-only AWS CLI commands for the account of the current credentials into FOLDER, which must be
new or empty. Then: preclear simulate --snapshot FOLDER …

  --regions "us-west-2 eu-west-1"   Regions of KMS keys, functions, queues, topics and VPC endpoints
                                    (left out: the Region that the AWS CLI is set up for)
  --organization                    also the organization with its SCPs and RCPs (management account or delegated
                                    administrator)
  --lambda --sqs --sns              also functions, queues, topics
  --vpc-endpoints                   also VPC endpoints with their policies
  --no-iam --no-kms --no-s3         leave these out
  --profile NAME                    a profile of the AWS CLI; it counts before credentials in the environment
  --help                            this text

A run that was interrupted leaves FOLDER with a part of the account in it: remove it before you start again.
What a call was refused is named on standard error, and preclear takes it for unknown. Environment variables of functions
and contents of buckets are not read.

Exit codes: 0 everything was read, 1 the account itself could not be read, 2 usage, 3 some calls were refused.
HELP
}

fail() {
  printf 'collect.sh: %s\n' "$2" >&2
  exit "$1"
}

folder=
regions=
profile=
with_iam=yes
with_kms=yes
with_s3=yes
with_organization=
with_lambda=
with_sqs=
with_sns=
with_vpc_endpoints=

while [ $# -gt 0 ]; do
  case $1 in
    --regions) [ $# -ge 2 ] || fail 2 "--regions needs a value"; regions=$2; shift ;;
    --profile) [ $# -ge 2 ] || fail 2 "--profile needs a value"; profile=$2; shift ;;
    --organization) with_organization=yes ;;
    --lambda) with_lambda=yes ;;
    --sqs) with_sqs=yes ;;
    --sns) with_sns=yes ;;
    --vpc-endpoints) with_vpc_endpoints=yes ;;
    --no-iam) with_iam= ;;
    --no-kms) with_kms= ;;
    --no-s3) with_s3= ;;
    --help | -h) usage; exit 0 ;;
    -*) fail 2 "unknown option $1; see --help" ;;
    *) [ -z "$folder" ] || fail 2 "one folder is enough: $folder, $1"; folder=$1 ;;
  esac
  shift
done
[ -n "$folder" ] || { usage >&2; exit 2; }

if [ -e "$folder" ]; then
  [ -d "$folder" ] || fail 2 "$folder is no folder"
  [ -z "$(ls -A "$folder")" ] || fail 2 "$folder is not empty, and nothing is overwritten: name another folder, or remove this one if an interrupted run left it"
fi

export AWS_PAGER=
export AWS_DEFAULT_OUTPUT=json
# What is written tells who may do what.
umask 077
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
errors=$scratch/errors
# A file and no counter: loops behind a pipe run in shells of their own.
refused=$scratch/refused

# save FILE COMMAND…: the output of a command as a file; false, with the error in $errors, if it is refused.
save() {
  local file=$1
  shift
  mkdir -p "$(dirname "$file")"
  if aws "$@" --output json >"$file.part" 2>"$errors" </dev/null; then
    mv "$file.part" "$file"
  else
    rm -f "$file.part"
    return 1
  fi
}

# note COMMAND…: a call that was refused.
note() {
  printf 'refused: aws %s\n  %s\n' "$*" "$(tr '\n' ' ' <"$errors")" | tee -a "$refused" >&2
}

# try FILE COMMAND…: as save, and goes on.
try() {
  local file=$1
  shift
  save "$file" "$@" || note "$@"
}

# words COMMAND…: a list of names, one on each line.
words() {
  local text
  if text=$(aws "$@" --output text 2>"$errors" </dev/null); then
    printf '%s\n' "$text" | tr '\t' '\n' | grep -v -e '^$' -e '^None$' || true
  else
    note "$@"
  fi
}

# no_policy FILE ARN: a snapshot file that says that a resource has no policy, for which AWS has an error and no output.
no_policy() {
  printf 'preclear: 1\nresources:\n  - {arn: "%s", policy: null}\n' "$2" >"$1"
}

# policy FOLDER ARN CODE COMMAND…: the policy of a resource; an error with the code means that there is none.
policy() {
  local where=$1 arn=$2 code=$3
  shift 3
  if save "$where/get-policy.json" "$@"; then
    return
  fi
  if grep -q "$code" "$errors"; then
    no_policy "$where/no-policy.yaml" "$arn"
  else
    note "$@"
  fi
}

collect_iam() {
  try "$root/iam/get-account-authorization-details.json" iam get-account-authorization-details
}

collect_kms() {
  local region=$1 base=$root/$1/kms key where
  try "$base/list-keys.json" kms list-keys --region "$region"
  try "$base/list-aliases.json" kms list-aliases --region "$region"
  words kms list-keys --region "$region" --query 'Keys[].KeyId' | while read -r key; do
    where=$base/keys/$key
    set -- --region "$region" --key-id "$key"
    try "$where/describe-key.json" kms describe-key "$@"
    try "$where/get-key-policy.json" kms get-key-policy "$@" --policy-name default
    try "$where/list-key-policies.json" kms list-key-policies "$@"
    # AWS RAM gives keys that it shares a policy of its own.
    if grep -qs AWS_RAM "$where/list-key-policies.json"; then
      try "$where/get-key-policy-ram.json" kms get-key-policy "$@" --policy-name AWS_RAM
    fi
    try "$where/list-grants.json" kms list-grants "$@"
    try "$where/list-resource-tags.json" kms list-resource-tags "$@"
  done
}

collect_s3() {
  local bucket where
  try "$root/s3/list-buckets.json" s3api list-buckets
  words s3api list-buckets --query 'Buckets[].Name' | while read -r bucket; do
    where=$root/s3/buckets/$bucket
    try "$where/get-bucket-location.json" s3api get-bucket-location --bucket "$bucket"
    # Without configuration a bucket has SSE-S3, which preclear takes for granted.
    save "$where/get-bucket-encryption.json" s3api get-bucket-encryption --bucket "$bucket" ||
      grep -q ServerSideEncryptionConfigurationNotFoundError "$errors" ||
      note s3api get-bucket-encryption --bucket "$bucket"
    policy "$where" "arn:$partition:s3:::$bucket" NoSuchBucketPolicy s3api get-bucket-policy --bucket "$bucket"
  done
}

collect_lambda() {
  local region=$1 name where
  words lambda list-functions --region "$region" --query 'Functions[].FunctionName' | while read -r name; do
    where=$root/$region/lambda/functions/$name
    # The whole configuration holds the function's environment, which nobody needs here.
    try "$where/get-function-configuration.json" lambda get-function-configuration --region "$region" \
      --function-name "$name" --query '{FunctionArn: FunctionArn, Role: Role, KMSKeyArn: KMSKeyArn}'
    policy "$where" "arn:$partition:lambda:$region:$account:function:$name" ResourceNotFoundException \
      lambda get-policy --region "$region" --function-name "$name"
  done
}

collect_sqs() {
  local region=$1 url
  words sqs list-queues --region "$region" --query 'QueueUrls[]' | while read -r url; do
    try "$root/$region/sqs/${url##*/}/get-queue-attributes.json" sqs get-queue-attributes --region "$region" \
      --queue-url "$url" --attribute-names All
  done
}

collect_sns() {
  local region=$1 arn
  words sns list-topics --region "$region" --query 'Topics[].TopicArn' | while read -r arn; do
    try "$root/$region/sns/${arn##*:}/get-topic-attributes.json" sns get-topic-attributes --region "$region" \
      --topic-arn "$arn"
  done
}

collect_vpc_endpoints() {
  try "$root/$1/ec2/describe-vpc-endpoints.json" ec2 describe-vpc-endpoints --region "$1"
}

# attachments TARGET: the policies of the types that are enabled.
attachments() {
  local type short
  for type in $types; do
    case $type in
      SERVICE_CONTROL_POLICY) short=scp ;;
      RESOURCE_CONTROL_POLICY) short=rcp ;;
      *) continue ;;
    esac
    try "$top/targets/$1/list-policies-for-target-$short.json" organizations list-policies-for-target \
      --target-id "$1" --filter "$type"
  done
}

# below PARENT: units and accounts below a root or unit.
below() {
  local parent=$1 unit
  try "$top/parents/$parent/list-organizational-units-for-parent.json" \
    organizations list-organizational-units-for-parent --parent-id "$parent"
  try "$top/parents/$parent/list-accounts-for-parent.json" \
    organizations list-accounts-for-parent --parent-id "$parent"
  attachments "$parent"
  words organizations list-organizational-units-for-parent --parent-id "$parent" \
    --query 'OrganizationalUnits[].Id' | while read -r unit; do
    below "$unit"
  done
}

collect_organization() {
  local id type
  top=$folder/organization
  try "$top/describe-organization.json" organizations describe-organization
  try "$top/list-roots.json" organizations list-roots
  try "$top/list-accounts.json" organizations list-accounts
  types=$(words organizations list-roots --query "Roots[].PolicyTypes[?Status=='ENABLED'][].Type")
  words organizations list-roots --query 'Roots[].Id' | while read -r id; do
    below "$id"
  done
  words organizations list-accounts --query 'Accounts[].Id' | while read -r id; do
    attachments "$id"
  done
  for type in $types; do
    case $type in
      SERVICE_CONTROL_POLICY | RESOURCE_CONTROL_POLICY) ;;
      *) continue ;;
    esac
    words organizations list-policies --filter "$type" --query 'Policies[].Id' | while read -r id; do
      try "$top/policies/$id/describe-policy.json" organizations describe-policy --policy-id "$id"
    done
  done
}

command -v aws >/dev/null || fail 1 "the AWS CLI (aws) is not installed"
# As an option, since the AWS CLI takes credentials in the environment before a profile that the environment names.
aws() {
  if [ -n "$profile" ]; then
    command aws --profile "$profile" "$@"
  else
    command aws "$@"
  fi
}
identity=$(aws sts get-caller-identity --query '[Account, Arn]' --output text) ||
  fail 1 "aws sts get-caller-identity failed: check the credentials"
account=$(printf '%s\n' "$identity" | cut -f 1)
partition=$(printf '%s\n' "$identity" | cut -f 2 | cut -d : -f 2)
if [ -z "$regions" ]; then
  regions=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || true)}}
fi
if [ -z "$regions" ] && [ -n "$with_kms$with_lambda$with_sqs$with_sns$with_vpc_endpoints" ]; then
  fail 2 "no Region is set up: name them with --regions"
fi

root=$folder/account/$account
mkdir -p "$root"

[ -z "$with_iam" ] || collect_iam
[ -z "$with_s3" ] || collect_s3
for region in $regions; do
  [ -z "$with_kms" ] || collect_kms "$region"
  [ -z "$with_lambda" ] || collect_lambda "$region"
  [ -z "$with_sqs" ] || collect_sqs "$region"
  [ -z "$with_sns" ] || collect_sns "$region"
  [ -z "$with_vpc_endpoints" ] || collect_vpc_endpoints "$region"
done
[ -z "$with_organization" ] || collect_organization

printf 'collected account %s into %s\n' "$account" "$folder" >&2
if [ -s "$refused" ]; then
  printf 'some calls were refused: what they would have said is unknown to preclear\n' >&2
  exit 3
fi
