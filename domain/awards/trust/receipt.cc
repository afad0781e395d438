#include "domain/awards/trust/receipt.h"

#include <cmath>

#include "base/text_of_bytes.h"
#include "domain/awards/trust/log_check.h"
#include "trust/key_pair.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using base::Status;

constexpr std::size_t kProofMax = 64;

void write_digests(JsonWriter& out, const std::vector<Digest>& digests) {
  out.key("proof").array();
  for (const Digest& one : digests) out.text(hex_of(one));
  out.end();
}

Result<std::vector<Digest>> read_digests(const JsonValue& json) {
  const JsonValue* const proof = json.find("proof");
  if (!proof || !proof->array() || proof->array()->size() > kProofMax)
    return fail(Errc::malformed, "'proof' is no list of at most {} hashes", kProofMax);
  std::vector<Digest> out;
  for (const JsonValue& one : *proof->array()) {
    const auto digest = one.text() ? digest_from(*one.text()) : std::nullopt;
    if (!digest) return fail(Errc::malformed, "entry {} of 'proof' is not 64 hexadecimal digits", out.size());
    out.push_back(*digest);
  }
  return out;
}

// One of our documents: its mark says which, and in which version.
Result<JsonValue> read_document(std::string_view text, std::string_view mark) {
  JsonValue json = TRY(JsonValue::parse(text));
  const JsonValue* const version = json.find(mark);
  if (!version) return fail(Errc::malformed, "it has no '{}'", mark);
  if (!version->number() || *version->number() != 1)
    return fail(Errc::unsupported, "'{}' is not 1: it was written by another version", mark);
  return json;
}

Result<TreeHead> read_head_of(const JsonValue& json) {
  const JsonValue* const head = json.find("head");
  if (!head) return fail(Errc::malformed, "it has no 'head'");
  return head_from(*head);
}

Result<std::string> read_bytes(const JsonValue& json, std::string_view key, std::size_t size) {
  auto bytes = base::from_hex(json.text_or(key, ""));
  if (!bytes || bytes->size() != size) return fail(Errc::malformed, "'{}' is not {} hexadecimal digits", key, 2 * size);
  return *std::move(bytes);
}

}  // namespace

Digest commitment_to(std::string_view salt, std::string_view content) {
  return trust::sha256({salt, content});
}

std::string Receipt::json() const {
  JsonWriter out;
  out.object().field("cityloop_receipt", 1).key("entry").raw(entry.line()).key("head").raw(head.line());
  write_digests(out, proof);
  out.field("key", base::to_hex(key));
  if (salt) out.field("salt", base::to_hex(*salt));
  if (content) out.field("content", *content);
  return out.end().take();
}

Result<Receipt> Receipt::parse(std::string_view text) {
  const JsonValue json = TRY(read_document(text, "cityloop_receipt"));
  const JsonValue* const entry = json.find("entry");
  if (!entry) return fail(Errc::malformed, "it has no 'entry'");
  Receipt out;
  out.entry = TRY(entry_from(*entry));
  out.head = TRY(read_head_of(json));
  out.proof = TRY(read_digests(json));
  out.key = TRY(read_bytes(json, "key", trust::kKeyBytes));
  if (json.find("salt")) out.salt = TRY(read_bytes(json, "salt", kSaltBytes));
  if (const JsonValue* const content = json.find("content")) {
    if (!content->text()) return fail(Errc::malformed, "'content' is no text");
    out.content = *content->text();
  }
  return out;
}

Status Receipt::check() const {
  TRY(check_head(head, key));
  if (entry.at > head.at) return fail(Errc::corrupt, "the entry arrived after its head was signed");
  const auto root = root_of_inclusion(leaf_hash(entry.line()), entry.n, head.size, proof);
  if (!root || *root != head.root)
    return fail(Errc::corrupt, "the entry is not in the log at place {}: its proof does not lead to the signed head",
                entry.n);
  return {};
}

Status Receipt::check_content() const {
  if (!content) return fail(Errc::not_found, "the receipt has no content");
  if (entry.sha256 && trust::sha256({*content}) == *entry.sha256) return {};
  if (entry.commitment && salt && commitment_to(*salt, *content) == *entry.commitment) return {};
  return fail(Errc::corrupt, "the content is not what the entry tells of");
}

std::string PublishedHead::json() const {
  JsonWriter out;
  out.object().field("cityloop_head", 1).key("head").raw(head.line()).field("key", base::to_hex(key)).end();
  return out.take();
}

Result<PublishedHead> PublishedHead::parse(std::string_view text) {
  const JsonValue json = TRY(read_document(text, "cityloop_head"));
  return PublishedHead{TRY(read_head_of(json)), TRY(read_bytes(json, "key", trust::kKeyBytes))};
}

std::string Growth::json() const {
  JsonWriter out;
  out.object().field("cityloop_growth", 1).field("from", from).key("head").raw(head.line());
  write_digests(out, proof);
  out.field("key", base::to_hex(key)).end();
  return out.take();
}

Result<Growth> Growth::parse(std::string_view text) {
  const JsonValue json = TRY(read_document(text, "cityloop_growth"));
  const double from = json.number_or("from", -1);
  if (!(from >= 0 && from < 0x1p53) || from != std::floor(from))
    return fail(Errc::malformed, "'from' is no whole number");
  return Growth{std::uint64_t(from), TRY(read_head_of(json)), TRY(read_bytes(json, "key", trust::kKeyBytes)),
                TRY(read_digests(json))};
}

}  // namespace cityloop::awards
