#include "domain/awards/trust/seal.h"

#include <algorithm>
#include <set>

#include "base/refusal.h"
#include "base/text_of_bytes.h"
#include "domain/awards/trust/shares.h"
#include "trust/secret.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::fail;
using base::from_base64url;
using base::JsonValue;
using base::JsonWriter;
using base::refuse;
using base::Result;
using base::Status;
using base::to_base64url;
using trust::SealingPair;

constexpr std::size_t kSheetKeyBytes = 32, kPassphraseSaltBytes = 16;
constexpr std::size_t kHoldersMax = 16;
constexpr std::string_view kPurpose = "cityloop award seal 1";

// What a sheet is sealed beside: moved to another sheet, round or cycle it does not open.
std::string place_of(const RoundLock& lock, std::string_view sheet) {
  return fmt::format("{}\n{}\n{}\n{}\n", kPurpose, lock.cycle, lock.round, sheet);
}

std::string sealed_json(const RoundLock& lock, std::string_view sheet, const std::vector<std::string>& shares,
                        std::string_view nonce, std::string_view text) {
  JsonWriter out;
  out.object().field("cityloop_sealed", 1).field("cycle", lock.cycle).field("round", lock.round);
  out.field("sheet", sheet).key("shares").object();
  for (std::size_t i = 0; i < shares.size(); ++i) out.field(lock.holders[i].role, to_base64url(shares[i]));
  out.end().field("nonce", to_base64url(nonce)).field("text", to_base64url(text)).end();
  return out.take();
}

Result<std::string> seal_text(const RoundLock& lock, std::string_view sheet, std::string_view salt,
                              std::string_view content) {
  const std::string key = trust::random_bytes(kSheetKeyBytes), nonce = trust::random_bytes(trust::kGcmNonceBytes);
  const std::string place = place_of(lock, sheet);
  const auto parts =
      split(key, lock.need, unsigned(lock.holders.size()), trust::random_bytes((lock.need - 1) * kSheetKeyBytes));
  std::vector<std::string> shares;
  for (std::size_t i = 0; i < parts.size(); ++i)
    shares.push_back(TRY(trust::hpke_seal(lock.holders[i].public_key, kPurpose, place, parts[i])));
  const std::string plain = std::string(salt) + std::string(content);
  return sealed_json(lock, sheet, shares, nonce, trust::seal_gcm(key, nonce, plain, place));
}

std::optional<std::string> bytes_at(const JsonValue& json, std::string_view key) {
  return from_base64url(json.text_or(key, "?"));
}

const KeyHolder* holder_of(const RoundLock& lock, const SealingPair& pair) {
  const auto it = std::ranges::find(lock.holders, pair.public_key(), &KeyHolder::public_key);
  return it == lock.holders.end() ? nullptr : &*it;
}

// Salt and content. Errc::corrupt, with why.
Result<OpenedSheet> unseal(const RoundLock& lock, const std::vector<SealingPair>& keys, const SealedSheet& sheet) {
  const auto json = JsonValue::parse(sheet.sealed);
  if (!json) return fail(Errc::corrupt, "what was sealed is no JSON any more");
  const JsonValue* const shares = json->find("shares");
  const auto nonce = bytes_at(*json, "nonce"), text = bytes_at(*json, "text");
  if (!shares || !nonce || nonce->size() != trust::kGcmNonceBytes || !text)
    return fail(Errc::corrupt, "what was sealed has not its form any more");
  const std::string place = place_of(lock, sheet.sheet);
  std::vector<std::string> parts;
  for (const SealingPair& pair : keys) {
    const std::string& role = holder_of(lock, pair)->role;
    const auto share = bytes_at(*shares, role);
    auto part = share ? pair.open(*share, kPurpose, place) : std::nullopt;
    if (!part || part->size() != 1 + kSheetKeyBytes) return fail(Errc::corrupt, "the share of {} does not open", role);
    parts.push_back(*std::move(part));
  }
  parts.resize(lock.need);
  const auto plain = trust::open_gcm(join(parts), *nonce, *text, place);
  if (!plain || plain->size() < kSaltBytes) return fail(Errc::corrupt, "what was sealed has been altered");
  return OpenedSheet{sheet.sheet, plain->substr(kSaltBytes), plain->substr(0, kSaltBytes)};
}

// Whether the log was told of this sheet, as it was sealed and as it reads.
Status check_sheet(const Record& record, const RoundLock& lock, const SealedSheet& sheet, const OpenedSheet& opened) {
  const auto logged = record.log().find(sheet.n);
  if (!logged) return fail(Errc::corrupt, "the log has no entry {} for it", sheet.n);
  const LogEntry& entry = logged->entry;
  if (entry.kind != RoundLock::kSheet || entry.subject != sheet.sheet || entry.cycle != lock.cycle)
    return fail(Errc::corrupt, "entry {} of the log is not of this sheet", sheet.n);
  if (entry.at >= lock.closes_at) return fail(Errc::corrupt, "it arrived after the round was closed");
  if (entry.sha256 != trust::sha256({sheet.sealed}))
    return fail(Errc::corrupt, "it is not what was sealed when it arrived: its SHA-256 is another than the log's");
  if (entry.commitment != commitment_to(opened.salt, opened.content))
    return fail(Errc::corrupt, "it does not read as the log was told: its commitment is another");
  return {};
}

Status check_keys(const RoundLock& lock, const std::vector<SealingPair>& keys) {
  std::set<std::string> roles;
  for (const SealingPair& pair : keys) {
    const KeyHolder* const holder = holder_of(lock, pair);
    if (!holder)
      return refuse(Errc::refused, "有一把密钥不属于本轮持钥人", "one of the keys is no holder's of the round '{}'",
                    lock.round);
    if (!roles.insert(holder->role).second)
      return refuse(Errc::refused, "{} 的密钥给了两次", "the key of {} is given twice", holder->role);
  }
  if (roles.size() < lock.need)
    return refuse(Errc::refused, "开封需 {1} 把持钥人的密钥，现有 {2} 把",
                  "the round '{}' opens with {} keys of its holders, not with {}", lock.round, lock.need, roles.size());
  return {};
}

Status check_lock(const Record& record, const RoundLock& lock, std::uint64_t opening) {
  const Logged logged = TRY(record.log().find(opening));
  const LogEntry& entry = logged.entry;
  if (entry.kind != RoundLock::kOpened || entry.subject != lock.round || entry.cycle != lock.cycle ||
      entry.sha256 != lock.digest())
    return fail(Errc::corrupt, "the round '{}' is not locked as the log was told when it opened", lock.round);
  return {};
}

std::string opening_text(const RoundLock& lock, const std::vector<SealingPair>& keys,
                         const std::vector<SealedSheet>& sheets) {
  JsonWriter out;
  out.object().field("round", lock.round).key("holders").array();
  for (const SealingPair& pair : keys) out.text(holder_of(lock, pair)->role);
  out.end().key("sheets").array();
  for (const SealedSheet& sheet : sheets) out.text(sheet.sheet);
  return out.end().end().take();
}

}  // namespace

Status RoundLock::check() const {
  if (!is_log_word(cycle) || !is_log_word(round))
    return refuse(Errc::invalid, "周期和轮次的名称只能用记录所允许的字母",
                  "a cycle and a round are called by letters that a log has");
  if (need < 1 || holders.size() < need || holders.size() > kHoldersMax)
    return refuse(Errc::invalid, "需 {} 把密钥、共 {} 位持钥人，这样无法开封；持钥人最多 {} 位",
                  "{} of {} holders cannot open a round; there are at most {}", need, holders.size(), kHoldersMax);
  std::set<std::string> roles, keys;
  for (const KeyHolder& one : holders) {
    if (!is_log_word(one.role)) return refuse(Errc::invalid, "“{}”不是角色", "'{}' is no role", one.role);
    if (!roles.insert(one.role).second || !keys.insert(one.public_key).second)
      return refuse(Errc::invalid, "持钥人 {} 重复", "the holder {} stands there twice", one.role);
    if (!trust::hpke_seal(one.public_key, kPurpose, "", ""))
      return refuse(Errc::invalid, "{} 没有密钥", "{} has no key", one.role);
  }
  return {};
}

std::string RoundLock::json() const {
  JsonWriter out;
  out.object().field("cityloop_round", 1).field("cycle", cycle).field("round", round);
  out.field("closes_at", log_time(closes_at)).field("need", need).key("holders").array();
  for (const KeyHolder& one : holders)
    out.object().field("role", one.role).field("key", base::to_hex(one.public_key)).end();
  return out.end().end().take();
}

Result<RoundLock> RoundLock::parse(std::string_view text) {
  const JsonValue json = TRY(JsonValue::parse(text));
  RoundLock out;
  out.cycle = json.text_or("cycle", "");
  out.round = json.text_or("round", "");
  out.closes_at = TRY(base::parse_time(json.text_or("closes_at", "")));
  const double need = json.number_or("need", 0);
  out.need = need >= 1 && need <= double(kHoldersMax) ? unsigned(need) : 0;
  if (const JsonValue* const holders = json.find("holders"); holders && holders->array()) {
    for (const JsonValue& one : *holders->array())
      out.holders.push_back({one.text_or("role", ""), base::from_hex(one.text_or("key", "")).value_or("")});
  }
  TRY(out.check());
  if (out.json() != text) return fail(Errc::malformed, "the lock of a round has not its form");
  return out;
}

Digest RoundLock::digest() const {
  return trust::sha256({json()});
}

Result<Receipt> RoundLock::log_opening(Record& record, base::Instant at) const {
  TRY(check());
  const std::string text = json();
  return record.note({.kind = kOpened,
                      .cycle = cycle,
                      .subject = round,
                      .by = "secretary",
                      .at = at,
                      .content = text,
                      .hidden = false});
}

Result<Sealing> seal_sheet(Record& record, const RoundLock& lock, std::string_view sheet, std::string_view content,
                           base::Instant at, const KeepSealed& keep) {
  if (at >= lock.closes_at)
    return refuse(Errc::conflict, "这一轮已于 {1} 结束", "the round '{}' was closed at {}", lock.round,
                  log_time(lock.closes_at));
  const std::string salt = trust::random_bytes(kSaltBytes);
  std::string sealed = TRY(seal_text(lock, sheet, salt, content));
  if (keep) TRY(keep(sealed));
  Receipt receipt = TRY(record.note({.kind = RoundLock::kSheet,
                                     .cycle = lock.cycle,
                                     .subject = sheet,
                                     .by = "juror",
                                     .at = at,
                                     .content = content,
                                     .sealed = trust::sha256({sealed}),
                                     .salt = salt}));
  const std::uint64_t n = receipt.entry.n;
  return Sealing{{std::string(sheet), std::move(sealed), n}, std::move(receipt)};
}

Result<Opening> open_round(Record& record, const RoundLock& lock, std::uint64_t opening, base::Instant now,
                           const std::vector<SealingPair>& keys, const std::vector<SealedSheet>& sheets) {
  TRY(lock.check());
  TRY(check_lock(record, lock, opening));
  if (now < lock.closes_at)
    return refuse(Errc::conflict, "这一轮在 {1} 前密封", "the round '{}' is sealed until {}", lock.round,
                  log_time(lock.closes_at));
  TRY(check_keys(lock, keys));
  const std::string text = opening_text(lock, keys, sheets);
  Opening out{TRY(record.note({.kind = RoundLock::kUnsealed,
                               .cycle = lock.cycle,
                               .subject = lock.round,
                               .by = "chair",
                               .at = now,
                               .content = text,
                               .hidden = false})),
              {},
              {}};
  for (const SealedSheet& sheet : sheets) {
    auto opened = unseal(lock, keys, sheet);
    const Status good = opened ? check_sheet(record, lock, sheet, *opened) : Status(std::unexpected(opened.error()));
    if (good) out.opened.push_back(*std::move(opened));
    else out.wrong.emplace_back(sheet.sheet, good.error().message);
  }
  return out;
}

Result<std::string> wrap_key(std::string_view role, const SealingPair& pair, std::string_view passphrase) {
  TRY(trust::check_password(passphrase));
  const std::string salt = trust::random_bytes(kPassphraseSaltBytes);
  const std::string key = TRY(trust::key_from_passphrase(passphrase, salt));
  const std::string nonce = trust::random_bytes(trust::kGcmNonceBytes);
  JsonWriter out;
  out.object().field("cityloop_key", 1).field("role", role).field("key", base::to_hex(pair.public_key()));
  out.field("salt", base::to_hex(salt)).field("nonce", base::to_hex(nonce));
  out.field("wrapped", base::to_hex(trust::seal_gcm(key, nonce, pair.private_key(), pair.public_key()))).end();
  return out.take();
}

Result<WrappedKey> unwrap_key(std::string_view text, std::string_view passphrase) {
  const JsonValue json = TRY(JsonValue::parse(text));
  const auto bytes = [&](std::string_view name) { return base::from_hex(json.text_or(name, "?")); };
  const auto open = bytes("key"), salt = bytes("salt"), nonce = bytes("nonce"), wrapped = bytes("wrapped");
  if (json.number_or("cityloop_key", 0) != 1 || !open || !salt || salt->size() != kPassphraseSaltBytes || !nonce ||
      nonce->size() != trust::kGcmNonceBytes || !wrapped)
    return refuse(Errc::malformed, "这不是持钥人的密钥文件", "this is no wrapped key of a holder");
  const std::string key = TRY(trust::key_from_passphrase(passphrase, *salt));
  const auto raw = trust::open_gcm(key, *nonce, *wrapped, *open);
  if (!raw) return refuse(Errc::refused, "密钥口令不对", "this is not the passphrase of the key");
  return WrappedKey{json.text_or("role", ""), TRY(SealingPair::from_private(*raw))};
}

}  // namespace cityloop::awards
