// The commands behind the command line, each a struct of its options and one function that does it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "twin/history/history.h"
#include "twin/snapshot.h"

namespace cityloop::serve {
class PackageLoader;
}

namespace cityloop::app {

// Where a city's settings and recorded data are, and where its own data goes.
struct CityPaths {
  std::string city;    // folder with city.toml, feeds/, rules/, casework/, devices/
  std::string source;  // folder with the recorded data that feeds name; empty: the city's folder
  std::string data;    // the data folder of this installation
};

struct ServeOptions {
  CityPaths paths;
  const serve::PackageLoader* packages{nullptr};  // of this build; null: none
  std::string listen{"127.0.0.1:8080"};
  std::string web{"web/dist"};
  std::string tls_certificate, tls_key;
  std::string mqtt;             // HOST:PORT; empty: as city.toml says
  std::optional<double> speed;  // of a replay; empty: as city.toml says
  double pace{1};               // of the city's clock where it is the wall's, since
  std::string pace_since;       // this moment (ISO 8601)
  std::string clock_begins;     // a rehearsal: the city's time when it starts (ISO 8601); empty: ours
  std::string durability{"flushed"};
  bool demo{false};
  int http_threads{1};
};
base::Status serve(const ServeOptions&);

// The standard API alone: without a city, and without asking who anybody is.
struct BrokerCommandOptions {
  std::string data{"broker-data"};
  std::string address{"127.0.0.1"};
  std::uint16_t port{1026};
  std::string durability{"flushed"};
  std::string alias{"cityloop"};        // of this broker among others, in Via
  twin::LogRetention keep_log;          // all of it, unless it says otherwise
  twin::HistoryRetention keep_history;  // likewise
  bool open{false};                     // may listen beyond this machine
  int http_threads{1};
};
base::Status broker(const BrokerCommandOptions&);
// Refuses an address that others can reach, unless that is wanted.
base::Status check_broker_exposure(const BrokerCommandOptions&);

struct ReplayOptions {
  CityPaths paths;
  const serve::PackageLoader* packages{nullptr};  // likewise
  std::string durability{"flushed"};
  std::string findings_file;  // where to write all findings, one JSON a line, in order of opening; empty: nowhere
};
// The city's file feeds at full speed through sense, twin, rules and casework, then a line of figures on standard
// output.
base::Status replay(const ReplayOptions&);

struct RulesOptions {
  std::string rules;  // a file or a folder
  CityPaths paths;
  bool json{false};
};
base::Status check_rules(const RulesOptions&);
base::Status test_rules(const RulesOptions&);

struct DutyCheckOptions {
  std::string city;  // its folder
  int days{14};      // so far the rosters are looked at
};
// What casework/ and duty/ lack: gaps and overlaps of responsibility, and what the rosters of the coming days lack.
// Fails where there are mistakes; flaws are printed and are none.
base::Status check_duty(const DutyCheckOptions&);

struct FeedCheckOptions {
  std::string file;
  std::string source;
  std::size_t rows{5};
};
base::Status check_feed(const FeedCheckOptions&);

struct AccountOptions {
  std::string data;
  std::string id;
  std::string name_zh, name_en;
  std::vector<std::string> roles, areas;
  std::string department;
};
base::Status add_user(const AccountOptions&);   // password from standard input
base::Status add_token(const AccountOptions&);  // prints the token, once
base::Status disable_account(const AccountOptions&);
base::Status list_accounts(const AccountOptions&);

// A data folder, also one in use, into another and back; each refuses a folder that holds something.
struct BackupOptions {
  std::string data;    // the installation's data folder
  std::string folder;  // the copy
};
base::Status back_up(const BackupOptions&);
base::Status restore(const BackupOptions&);
base::Status check_data(const BackupOptions&);  // prints each damage; fails when there is any

// The file in a data folder that holds the accounts.
std::string accounts_file(const std::string& data);

}  // namespace cityloop::app
