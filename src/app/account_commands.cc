#include <filesystem>
#include <iostream>

#include "app/commands.h"
#include "trust/accounts.h"

namespace cityloop::app {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

const base::WallClock kClock;

Result<std::unique_ptr<trust::Accounts>> open(const AccountOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(options.data, error);
  if (error) return fail(Errc::unavailable, "cannot make {}: {}", options.data, error.message());
  return trust::Accounts::open(accounts_file(options.data), kClock);
}

Result<trust::Principal> principal_of(const AccountOptions& options) {
  trust::Principal principal;
  principal.id = options.id;
  if (options.id.starts_with("user:")) principal.kind = trust::PrincipalKind::user;
  else if (options.id.starts_with("program:")) principal.kind = trust::PrincipalKind::program;
  else if (options.id.starts_with("device:")) principal.kind = trust::PrincipalKind::device;
  else return fail(Errc::invalid, "an id begins with user:, program: or device:");
  principal.name = {options.name_zh.empty() ? options.id : options.name_zh,
                    options.name_en.empty() ? options.id : options.name_en};
  principal.roles = options.roles;
  principal.department = options.department;
  principal.areas = options.areas;
  return principal;
}

}  // namespace

std::string accounts_file(const std::string& data) {
  return data + "/accounts.json";
}

Status add_user(const AccountOptions& options) {
  const auto accounts = TRY(open(options));
  const auto principal = TRY(principal_of(options));
  if (principal.kind != trust::PrincipalKind::user) return fail(Errc::invalid, "programs and devices take a token");
  std::string password;
  std::getline(std::cin, password);
  return accounts->put_user(principal, password);
}

Status add_token(const AccountOptions& options) {
  const auto accounts = TRY(open(options));
  fmt::print("{}\n", TRY(accounts->put_token(TRY(principal_of(options)))));
  return {};
}

Status disable_account(const AccountOptions& options) {
  return TRY(open(options))->disable(options.id);
}

Status list_accounts(const AccountOptions& options) {
  for (const trust::AccountSummary& account : TRY(open(options))->list()) {
    fmt::print("{}  {}  {}{}{}{}\n", account.principal.id, account.principal.name.en,
               fmt::join(account.principal.roles, " "), account.has_password ? "  password" : "",
               account.has_token ? "  token" : "", account.disabled ? "  disabled" : "");
  }
  return {};
}

}  // namespace cityloop::app
