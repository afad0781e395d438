// The commands behind the command line, each a struct of its options and one function that does it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace cityloop::app {

// Where a city's settings and recorded data are, and where its own data goes.
struct CityPaths {
  std::string city;    // folder with city.toml, feeds/, rules/, casework/, devices/
  std::string source;  // folder with the recorded data that feeds name; empty: the city's folder
  std::string data;    // the data folder of this installation
};

struct ServeOptions {
  CityPaths paths;
  std::string listen{"127.0.0.1:8080"};
  std::string web{"web/dist"};
  std::string tls_certificate, tls_key;
  std::string mqtt;             // HOST:PORT; empty: as city.toml says
  std::optional<double> speed;  // of a replay; empty: as city.toml says
  std::string durability{"flushed"};
  bool demo{false};
  int http_threads{1};
};
base::Status serve(const ServeOptions&);

struct ReplayOptions {
  CityPaths paths;
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

// The file in a data folder that holds the accounts.
std::string accounts_file(const std::string& data);

}  // namespace cityloop::app
