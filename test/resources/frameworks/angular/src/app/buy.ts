import { Component } from '@angular/core';

@Component({ selector: 'app-buy', template: '<button data-token="%TOKEN_deferred-view%">Buy</button>' })
export class Buy {}
