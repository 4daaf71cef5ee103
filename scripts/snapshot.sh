#!/usr/bin/env bash
# Makes a release of this commit as the workflow does, with a key that is thrown away, publishes nothing, and looks at it as those do who get it: the
# registry (names, checksums, signature, manifest), Terraform (it installs from the zips), and whoever builds it for himself (the same bytes, from another
# folder and without caches; the same hash in a lock file). It needs goreleaser, cyclonedx-gomod, gpg and Terraform. What was made stays in dist/.
set -euo pipefail
cd "$(dirname "$0")/.."

terraform=${TERRAFORM:-$(command -v terraform || command -v tofu)}
if [ -n "$(git status --porcelain)" ]; then
  echo "there are changes that are not committed; they would make other bytes" >&2
  exit 1
fi
for needed in goreleaser cyclonedx-gomod gpg; do
  command -v "$needed" >/dev/null || { echo "there is no $needed on the PATH (RELEASING.md, .github/workflows/release.yml)" >&2; exit 1; }
done

work=$(mktemp -d)
export GNUPGHOME=$work/gnupg
mkdir -m 700 "$GNUPGHOME"
trap 'gpgconf --kill all; chmod -R u+w "$work"; rm -rf "$work"' EXIT

version=$(sed -n 's/^## \([0-9][^ ]*\).*/\1/p' CHANGELOG.md | head -n 1)
host=$(go env GOOS)_$(go env GOARCH)
name=terraform-provider-elastigroup
step() { printf '\n== %s\n' "$*"; }

step "a key for today"
gpg --batch --quiet --passphrase '' --quick-generate-key "nobody <nobody@example.com>" rsa4096 sign 1d
GPG_FINGERPRINT=$(gpg --list-keys --with-colons | awk -F: '$1 == "fpr" { print $10; exit }')
export GPG_FINGERPRINT GORELEASER_CURRENT_TAG=v$version

step "goreleaser"
goreleaser release --snapshot --clean
cp terraform-registry-manifest.json "dist/${name}_${version}_manifest.json" # which is uploaded under that name

step "checksums and signature"
(
  cd dist
  gpg --verify "${name}_${version}_SHA256SUMS.sig" "${name}_${version}_SHA256SUMS"
  sha256sum --check --strict "${name}_${version}_SHA256SUMS"
  # Each file that is uploaded has its checksum, and there are eight zips, each with its list.
  for file in *.zip *.cdx.json *_manifest.json; do grep -q " $file\$" "${name}_${version}_SHA256SUMS" || { echo "$file has no checksum" >&2; exit 1; }; done
  test "$(find . -maxdepth 1 -name '*.zip' | wc -l)" -eq 8
  test "$(find . -maxdepth 1 -name '*.cdx.json' | wc -l)" -eq 8
  grep -q '"bomFormat": "CycloneDX"' "${name}_${version}_${host}.cdx.json"
  grep -q 'terraform-plugin-framework' "${name}_${version}_${host}.cdx.json"
)

step "Terraform installs it from the zips"
packed=$work/packed
mkdir -p "$packed/registry.terraform.io/elastigroup/elastigroup" "$work/module"
cp dist/*.zip "$packed/registry.terraform.io/elastigroup/elastigroup"
cat >"$work/module/main.tf" <<EOF
terraform {
  required_providers {
    elastigroup = { source = "registry.terraform.io/elastigroup/elastigroup", version = "$version" }
  }
}
EOF
export CHECKPOINT_DISABLE=1
"$terraform" -chdir="$work/module" init -no-color -plugin-dir="$packed"
find "$work/module/.terraform" -name "${name}_v*" -exec {} -version \; | grep -F "$name $version ("

step "the same bytes from another folder, without caches"
git clone -q . "$work/clone"
GOCACHE=$work/cache make -C "$work/clone" --no-print-directory mirror PLATFORMS="$host"
for from in "$packed" "$work/clone/dist"; do
  rm -f "$work/module/.terraform.lock.hcl"
  "$terraform" -chdir="$work/module" providers lock -fs-mirror="$from" -platform="$host" >/dev/null
  grep h1: "$work/module/.terraform.lock.hcl" | tee -a "$work/hashes"
done
test "$(sort -u "$work/hashes" | wc -l)" -eq 1
