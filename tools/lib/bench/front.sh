# Sourced by tools/bench and its parts. Wants $tools, and $callers_path: the PATH that leads to Maven and the JDK.
#
#   wrong_usage TEXT...                    says so and ends with 2
#   matches OPTION VALUE PATTERN WHAT      ends so unless the value is WHAT, as the pattern has it
#   compile_bench KEEP GOAL [WORD...]      compiles, with more words for Maven, unless KEEP says that it is done; sets
#                                          program: java with its flags, which wants a class and its words

wrong_usage() {
  echo "bench: $*" >&2
  echo 'Try "bench --help".' >&2
  exit 2
}

matches() {
  [[ $2 =~ ^($3)$ ]] || wrong_usage "$1 wants $4, not \"$2\""
}

compile_bench() {
  local keep=$1 goal=$2 module java
  module=$(readlink -f "$tools/../driver")
  shift 2
  if [ -z "$keep" ] || [ ! -s "$module/target/lab.classpath" ]; then
    echo "bench: compile" >&2
    (cd "$tools/.." && PATH=$callers_path mvn -q -B -ntp "$@" "$goal" dependency:build-classpath -DskipTests \
      -Dspotless.check.skip=true -Dmdep.outputFile=target/lab.classpath -Dmdep.includeScope=test) >&2 || {
      echo "bench: the build failed" >&2
      exit 1
    }
  fi
  java=$(dirname "$(readlink -f "$(PATH=$callers_path command -v javac || PATH=$callers_path command -v java)")")/java
  # The flags of the service.
  program=("$java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -Xmx512m -Dlab.log=WARN
    "-Dlogback.configurationFile=$tools/lib/lvm-lab/logback.xml"
    -cp "$module/target/test-classes:$module/target/classes:$(cat "$module/target/lab.classpath")")
}
