import * as oauth from "oauth4webapi";

/** Tokens are what the pages hold of somebody who has signed in. They are kept in memory, and nowhere else. */
export interface Tokens {
  access: string;
  refresh: string | undefined;
  /** The ID token, as it came: what signing out shows. */
  id: string;
  person: Person;
  scopes: ReadonlySet<string>;
  /** When the access token ends, in milliseconds of performance.now(). */
  ends: number;
}

export interface Person {
  id: string;
  name: string;
}

/** Round is what is known here of a sign-in that is under way. */
export interface Round {
  state: string;
  nonce: string;
  verifier: string;
}

/** Declined is thrown where the server does not let somebody sign in: RFC 6749, 4.1.2.1 and 5.2. */
export class Declined extends Error {
  override readonly name = "Declined";

  constructor(
    readonly code: string,
    description: string,
    options?: ErrorOptions,
  ) {
    super(description, options);
  }
}

export interface ProviderSetting {
  issuer: string;
  scopes: string[];
  fetch?: typeof fetch;
}

/** The console's client_id: see client.go. */
const clientID = "console";

/** Provider is our OpenID provider, with the console as its client (OpenID Connect Core 1.0, 3.1; RFC 7636). */
export class Provider {
  private readonly server: oauth.AuthorizationServer;
  private readonly client: oauth.Client;
  private readonly options: { [oauth.customFetch]?: typeof fetch; [oauth.allowInsecureRequests]: boolean };

  constructor(private readonly setting: ProviderSetting) {
    const { issuer } = setting;
    // What its discovery document says, which the server serves together with these pages.
    this.server = {
      issuer,
      authorization_endpoint: `${issuer}/oauth2/authorize`,
      token_endpoint: `${issuer}/oauth2/token`,
      end_session_endpoint: `${issuer}/oidc/logout`,
      authorization_response_iss_parameter_supported: true,
    };
    this.client = {
      client_id: clientID,
      // The nonce says that an ID token is fresh; clocks of people's machines say nothing.
      [oauth.clockTolerance]: 24 * 3600,
    };
    this.options = {
      // A server on this machine itself, on trial.
      [oauth.allowInsecureRequests]: issuer.startsWith("http://"),
      ...(setting.fetch && { [oauth.customFetch]: setting.fetch }),
    };
  }

  get redirectURI(): string {
    return `${this.setting.issuer}/console/callback`;
  }

  /** begin returns where somebody signs in, and what is to be known when they come back. */
  async begin(): Promise<{ url: string; round: Round }> {
    const round = { state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce(), verifier: oauth.generateRandomCodeVerifier() };
    const query = new URLSearchParams({
      response_type: "code",
      client_id: clientID,
      redirect_uri: this.redirectURI,
      scope: ["openid", "profile", ...this.setting.scopes].join(" "),
      state: round.state,
      nonce: round.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(round.verifier),
      code_challenge_method: "S256",
    });
    return { url: `${this.server.authorization_endpoint}?${query}`, round };
  }

  /** redeem exchanges the code of the callback's query. */
  async redeem(query: URLSearchParams, round: Round): Promise<Tokens> {
    return declining(async () => {
      const answer = oauth.validateAuthResponse(this.server, this.client, query, round.state);
      const response = await oauth.authorizationCodeGrantRequest(
        this.server,
        this.client,
        oauth.None(),
        answer,
        this.redirectURI,
        round.verifier,
        this.options,
      );
      const expected = { expectedNonce: round.nonce, requireIdToken: true };
      return this.tokens(await oauth.processAuthorizationCodeResponse(this.server, this.client, response, expected));
    });
  }

  /** refresh returns new tokens of the same person. */
  async refresh(old: Tokens): Promise<Tokens> {
    return declining(async () => {
      if (!old.refresh) throw new Declined("invalid_grant", "There is no refresh token.");
      const response = await oauth.refreshTokenGrantRequest(this.server, this.client, oauth.None(), old.refresh, this.options);
      const tokens = this.tokens(await oauth.processRefreshTokenResponse(this.server, this.client, response), old);
      if (tokens.person.id !== old.person.id) throw new Declined("invalid_grant", "The new tokens are somebody else's.");
      return tokens;
    });
  }

  /** end returns where the browser signs out (OpenID Connect RP-Initiated Logout 1.0). */
  end(tokens: Tokens): string {
    const query = new URLSearchParams({
      id_token_hint: tokens.id,
      client_id: clientID,
      post_logout_redirect_uri: `${this.setting.issuer}/console/signed-out`,
    });
    return `${this.server.end_session_endpoint}?${query}`;
  }

  private tokens(answer: oauth.TokenEndpointResponse, old?: Tokens): Tokens {
    const claims = oauth.getValidatedIdTokenClaims(answer);
    const person = claims ? { id: claims.sub, name: nameOf(claims) } : old?.person;
    const id = answer.id_token ?? old?.id;
    if (!person || !id) throw new Declined("invalid_grant", "The answer holds no ID token.");
    return {
      access: answer.access_token,
      refresh: answer.refresh_token ?? old?.refresh,
      id,
      person,
      scopes: answer.scope === undefined ? (old?.scopes ?? new Set()) : new Set(answer.scope.split(" ")),
      ends: performance.now() + (answer.expires_in ?? 60) * 1000,
    };
  }
}

function nameOf(claims: oauth.IDToken): string {
  const said = [claims.preferred_username, claims.name].find((name) => typeof name === "string" && name !== "");
  return (said as string | undefined) ?? claims.sub;
}

/** declining turns what the server says no by into Declined. Errors of the network stay what they are. */
async function declining<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
      if (error instanceof oauth.ResponseBodyError && error.status >= 500) throw error;
      throw new Declined(error.error, error.error_description ?? error.error, { cause: error });
    }
    if (error instanceof oauth.OperationProcessingError) throw new Declined("invalid_response", error.message, { cause: error });
    throw error;
  }
}
