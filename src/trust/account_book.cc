#include "trust/account_book.h"

#include "base/json_value.h"

namespace cityloop::trust {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;

constexpr double kFormat = 1;

PrincipalKind kind_of(std::string_view id) {
  if (id.starts_with("user:")) return PrincipalKind::user;
  if (id.starts_with("program:")) return PrincipalKind::program;
  if (id.starts_with("device:")) return PrincipalKind::device;
  return PrincipalKind::anonymous;
}

Result<std::vector<std::string>> texts_of(const JsonValue& parent, std::string_view key) {
  std::vector<std::string> out;
  const JsonValue* found = parent.find(key);
  if (!found) return out;
  if (!found->array()) return fail(Errc::corrupt, "'{}' is no list", key);
  for (const JsonValue& one : *found->array()) {
    if (!one.text()) return fail(Errc::corrupt, "'{}' holds something that is no text", key);
    out.push_back(*one.text());
  }
  return out;
}

Result<Account> read_account(const JsonValue& in) {
  Account account;
  Principal& who = account.principal;
  who.id = in.text_or("id", "");
  who.kind = kind_of(who.id);
  if (who.kind == PrincipalKind::anonymous) return fail(Errc::corrupt, "'{}' is no account's id", who.id);
  if (const JsonValue* name = in.find("name")) who.name = {name->text_or("zh", ""), name->text_or("en", "")};
  who.roles = TRY(texts_of(in, "roles"));
  who.areas = TRY(texts_of(in, "areas"));
  who.department = in.text_or("department", "");
  account.password = in.text_or("password", "");
  account.token = in.text_or("token", "");
  account.disabled = in.boolean_or("disabled", false);
  return account;
}

const JsonValue::Array& list_of(const JsonValue& parent, std::string_view key) {
  static const JsonValue::Array kNone;
  const JsonValue* found = parent.find(key);
  return found && found->array() ? *found->array() : kNone;
}

void write_texts(JsonWriter& out, std::string_view key, const std::vector<std::string>& texts) {
  out.key(key).array();
  for (const std::string& text : texts) out.text(text);
  out.end();
}

void write_account(JsonWriter& out, const Account& account) {
  const Principal& who = account.principal;
  out.object().field("id", who.id);
  out.key("name").object().field("zh", who.name.zh).field("en", who.name.en).end();
  write_texts(out, "roles", who.roles);
  out.field("department", who.department);
  write_texts(out, "areas", who.areas);
  if (!account.password.empty()) out.field("password", account.password);
  if (!account.token.empty()) out.field("token", account.token);
  if (account.disabled) out.field("disabled", true);
  out.end();
}

}  // namespace

void AccountBook::set_token(Account& account, std::string fresh) {
  token.erase(account.token);
  account.token = std::move(fresh);
  if (!account.token.empty()) token[account.token] = account.principal.id;
}

void AccountBook::end_sessions_of(std::string_view account) {
  std::erase_if(sessions, [&](const auto& entry) { return entry.second.account == account; });
}

Result<AccountBook> AccountBook::parse(std::string_view json) {
  const JsonValue root = TRY(JsonValue::parse(json));
  if (!root.object()) return fail(Errc::corrupt, "it holds no object");
  if (const double format = root.number_or("format", 0); format != kFormat) {
    return fail(format > kFormat ? Errc::unsupported : Errc::corrupt, "its format is {}, this program knows {}", format,
                kFormat);
  }
  AccountBook book;
  for (const JsonValue& one : list_of(root, "accounts")) {
    Account account = TRY(read_account(one));
    if (!account.token.empty()) book.token[account.token] = account.principal.id;
    const std::string id = account.principal.id;
    if (!book.accounts.emplace(id, std::move(account)).second) return fail(Errc::corrupt, "it has '{}' twice", id);
  }
  for (const JsonValue& one : list_of(root, "sessions")) {
    Session session{one.text_or("account", ""), base::kNever};
    session.used_at = TRY(base::parse_time(one.text_or("usedAt", "")));
    const std::string key = one.text_or("fingerprint", "");
    if (book.accounts.contains(session.account) && !key.empty()) book.sessions.emplace(key, std::move(session));
  }
  return book;
}

std::string AccountBook::dump() const {
  JsonWriter out;
  out.object().field("format", kFormat).key("accounts").array();
  for (const auto& [id, account] : accounts) write_account(out, account);
  out.end().key("sessions").array();
  for (const auto& [key, session] : sessions) {
    out.object().field("fingerprint", key).field("account", session.account);
    out.field("usedAt", base::format_time(session.used_at)).end();
  }
  out.end().end();
  return out.take() + "\n";
}

}  // namespace cityloop::trust
